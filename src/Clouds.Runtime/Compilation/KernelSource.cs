using Clouds.Diagnostics;

namespace Clouds.Runtime.Compilation;

/// <summary>A kernel file that travels inside the assembly.</summary>
/// <param name="Name">File name, for instance "ema.cu".</param>
/// <param name="Text">CUDA C++.</param>
public sealed record KernelSource(string Name, string Text)
{
    private const string Folder = "kernels/";

    /// <summary>Names of all kernel files, sorted; headers are not among them.</summary>
    public static IReadOnlyList<string> Names => [.. Resources(".cu")];

    /// <summary>Texts of the headers that kernels include, by name.</summary>
    public static IReadOnlyDictionary<string, string> Headers { get; } = Resources(".cuh").ToDictionary(name => name, Read);

    /// <summary>Loads a file.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: there is none of this name.</exception>
    public static KernelSource Load(string name) => new(name, Read(name));

    /// <summary>The file's card.</summary>
    public KernelCard Card() => KernelCard.Parse(Name, Text);

    private static IEnumerable<string> Resources(string ending) => typeof(KernelSource).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(ending, StringComparison.Ordinal))
        .Select(name => name[Folder.Length..])
        .Order(StringComparer.Ordinal);

    private static string Read(string name)
    {
        using Stream stream = typeof(KernelSource).Assembly.GetManifestResourceStream(Folder + name)
            ?? throw new CloudsException(Failure.Internal, "no such kernel file", name, expected: string.Join(", ", Names));
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
