using Clouds.Graph.Operators;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Tests.Runtime.Kernels;
using Clouds.Verification.Benchmarks;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Architecture;

/// <summary>A family of kernels: a folder of Clouds.Runtime/Kernels, named like its twin, and what belongs to it elsewhere.</summary>
/// <param name="Name">Name of the folder and of the twin's class.</param>
/// <param name="Files">Names of the folder's files.</param>
internal sealed record KernelFamily(string Name, IReadOnlyList<string> Files)
{
    private const string Folder = "src/Clouds.Runtime/Kernels/";
    private const string Tests = "tests/Clouds.Tests/Runtime/Kernels/";
    private const string Kernel = "Kernel.cs";
    private const string CudaKernel = "CudaKernel.cs";

    /// <summary>Folders of what families share.</summary>
    public static readonly IReadOnlyList<string> Shared = ["Lanes", "Memory", "Threads"];

    private static readonly Dictionary<string, KernelCard> Cards = KernelSource.Names.ToDictionary(name => name, name => KernelSource.Load(name).Card());

    /// <summary>Every family of the repository.</summary>
    public static IReadOnlyList<KernelFamily> All { get; } =
    [
        .. Directory.GetDirectories(Path.Combine(Repository.Root, Folder)).Select(path => Path.GetFileName(path)!).Except(Shared).Order(StringComparer.Ordinal)
            .Select(name => new KernelFamily(name, [.. FilesOf(Folder + name)])),
    ];

    /// <summary>Operators of domain "clouds" that the family computes, gradients among them: X of each class XKernel.</summary>
    public IReadOnlyList<string> Operators =>
    [
        .. Files.Where(file => file.EndsWith(Kernel, StringComparison.Ordinal) && !file.EndsWith(CudaKernel, StringComparison.Ordinal))
            .Select(file => file[..^Kernel.Length])
            .SelectMany(name => CloudsOperators.Names.Where(op => op == name || op == name + "Grad")),
    ];

    /// <summary>Kernel files whose card names the family's twin.</summary>
    public IReadOnlyList<string> Sources => [.. Cards.Where(card => card.Value["twin"][0].Split('.', ' ')[0] == Name).Select(card => card.Key)];

    /// <summary>The parts that the family lacks.</summary>
    public IEnumerable<string> Missing => Parts.Where(part => !part.IsThere).Select(part => part.Name);

    /// <summary>The parts that a family has, each with whether this one has it.</summary>
    private IEnumerable<(string Name, bool IsThere)> Parts =>
    [
        ("operator", Operators.Count > 0 && Operators.All(op => CloudsOperators.Find(op) is not null)),
        ("gradient", Operators.Count > 0 && Operators.All(HasGradient)),
        ("lowering", Operators.Count > 0 && Operators.All(op => CloudsOperators.Find(op)?.Lowering is not null)),
        ("ONNX Runtime kernel", Operators.Count > 0 && Operators.All(CloudsOps.Names.Contains)),
        ("ONNX Runtime kernel on a GPU", Operators.Count > 0 && Operators.All(CloudsOps.NamesOnGpu.Contains)),
        ("twin", Files.Contains($"{Name}.cs")),
        ("CUDA host", Files.Contains($"{Name}.Cuda.cs")),
        ("CUDA source", Sources.Count > 0),
        ("kernel problem", Sources.Count > 0 && Sources.All(source => KernelFamilies.All.Any(row => row.Files.Contains(source)))),
        ("bench row", KernelCases.All(quick: true).Any(row => row.Family == Name)),
        ("test of the twin", FilesOf(Tests + Name).Contains($"{Name}Tests.cs")),
        ("test of the CUDA kernels", Sources.Count > 0 && Sources.All(source => FilesOf(Tests + Name).Contains($"{Cards[source]["test"][^1]}.cs"))),
        .. Sources.Select(source => ($"mutants of {source}", MutantTests.PlantedFiles.Contains(source))),
    ];

    private static bool HasGradient(string name)
        => name.EndsWith("Grad", StringComparison.Ordinal) || CloudsOperators.Find(name) is { Gradient: not null } or { StopsGradient: true };

    private static IEnumerable<string> FilesOf(string folder)
    {
        string path = Path.Combine(Repository.Root, folder);
        return Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.cs").Select(file => Path.GetFileName(file)) : [];
    }
}
