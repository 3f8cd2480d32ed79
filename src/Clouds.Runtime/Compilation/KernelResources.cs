using System.Globalization;
using System.Text.RegularExpressions;

namespace Clouds.Runtime.Compilation;

/// <summary>What the assembler says a kernel takes.</summary>
/// <param name="Kernel">Entry name.</param>
/// <param name="Registers">Registers a thread.</param>
/// <param name="SharedBytes">Static shared memory a block.</param>
/// <param name="StackBytes">Local memory a thread.</param>
/// <param name="SpillBytes">Spill stores and loads.</param>
public sealed partial record KernelResources(string Kernel, int Registers, int SharedBytes, int StackBytes, int SpillBytes)
{
    /// <summary>Reads the log of --ptxas-options=-v.</summary>
    public static IReadOnlyList<KernelResources> Parse(string log)
    {
        List<KernelResources> result = [];
        foreach (string part in log.Split("Compiling entry function").Skip(1))
        {
            Match used = Used().Match(part);
            Match stack = Stack().Match(part);
            if (used.Success && stack.Success)
            {
                result.Add(new KernelResources(Name().Match(part).Groups[1].Value, Number(used, 1),
                    used.Groups[2].Success ? Number(used, 2) : 0, Number(stack, 1), Number(stack, 2) + Number(stack, 3)));
            }
        }

        return result;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"'([^']+)'")]
    private static partial Regex Name();

    [GeneratedRegex(@"Used (\d+) registers(?:, (\d+) bytes smem)?")]
    private static partial Regex Used();

    [GeneratedRegex(@"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")]
    private static partial Regex Stack();
}
