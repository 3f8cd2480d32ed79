namespace Clouds.Tests.Architecture;

/// <summary>Rules on tests: what each class says that it needs, and where its file lies.</summary>
internal static class TestRules
{
    private const string Tests = "tests/Clouds.Tests/";

    /// <summary>
    /// Folders that mirror nothing: tests of the repository itself, of the CUDA form, of the documents' examples, of the executable as published, of scripts.
    /// </summary>
    private static readonly string[] OfTheirOwn = ["Architecture", "Cuda", "Examples", "Published", "Scripts"];

    /// <summary>What is wrong with a class's kind.</summary>
    public static IReadOnlyList<string> CheckKind(TestClass tests)
    {
        bool published = tests.Facts.Any(fact => fact.StartsWith("Published", StringComparison.Ordinal));
        bool cuda = tests.Facts.Any(fact => fact.StartsWith("Cuda", StringComparison.Ordinal));
        bool compiled = tests.Facts.Any(fact => fact.StartsWith("Nvrtc", StringComparison.Ordinal));
        TestKind fitting = published ? TestKind.Published : cuda ? TestKind.Gpu : compiled ? TestKind.Emulated : TestKind.Fast;
        string? complaint = tests.Kind switch
        {
            null => $"no kind: put [Kind(TestKind.{fitting})] above it",
            not TestKind.Published when published => $"kind {tests.Kind}, but it runs the published executable",
            not TestKind.Gpu when cuda => $"kind {tests.Kind}, but it runs on ONNX Runtime's CUDA provider",
            TestKind.Fast when compiled => "kind Fast, but it compiles CUDA kernels",
            _ => null,
        };
        return complaint is null ? [] : [$"{tests.Name} -> {complaint}"];
    }

    /// <summary>A file of tests/Clouds.Tests in a folder that stands for none of src or tools.</summary>
    /// <param name="path">Path below the repository's root.</param>
    /// <param name="exists">Whether there is a folder of this path.</param>
    public static IReadOnlyList<string> CheckFolder(string path, Func<string, bool> exists)
    {
        string[] folders = path[Tests.Length..].Split('/')[..^1];
        if (folders.Length == 0 || OfTheirOwn.Contains(folders[0]))
        {
            return [];
        }

        string mirrored = $"Clouds.{string.Join('/', folders)}";
        return exists($"src/{mirrored}") || exists($"tools/{mirrored}")
            ? []
            : [$"{path} -> src/{mirrored}: there is no such folder; tests lie where what they test lies"];
    }
}
