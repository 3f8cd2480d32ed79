using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;

namespace Clouds.Verification.Kernels;

/// <summary>Registers a thread and static shared bytes a block that no entry may pass: kernels/ceilings.txt.</summary>
internal static class KernelCeilings
{
    private const string Name = "kernels/ceilings.txt";

    /// <summary>Ceilings by kernel entry.</summary>
    public static IReadOnlyDictionary<string, (int Registers, int SharedBytes)> All { get; } = Read();

    /// <summary>What is wrong with an entry's use, in words; null = nothing.</summary>
    public static string? Complaint(KernelResources used)
    {
        if (used.SpillBytes > 0 || used.StackBytes > 0)
        {
            return $"{used.Kernel} spills: {used.StackBytes} bytes of stack, {used.SpillBytes} bytes of spills";
        }

        if (!All.TryGetValue(used.Kernel, out (int Registers, int SharedBytes) ceiling))
        {
            return $"{used.Kernel} has no line in {Name}";
        }

        return used.Registers > ceiling.Registers || used.SharedBytes > ceiling.SharedBytes
            ? $"{used.Kernel}: {used.Registers} registers and {used.SharedBytes} shared bytes, at most {ceiling.Registers} and {ceiling.SharedBytes}"
            : null;
    }

    private static Dictionary<string, (int Registers, int SharedBytes)> Read()
    {
        using Stream stream = typeof(KernelSource).Assembly.GetManifestResourceStream(Name)
            ?? throw new CloudsException(Failure.Internal, "the kernels' ceilings are missing", Name);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => (Number(words[1]), Number(words[2])));
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
