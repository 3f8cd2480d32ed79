using System.Collections;
using System.Reflection;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Native.Training;

namespace Clouds.Tests.Architecture;

/// <summary>Rules on what embedders see.</summary>
[Kind(TestKind.Fast)]
public sealed class SurfaceTests
{
    private static readonly Assembly[] Surface = [typeof(CloudsException).Assembly, typeof(Segmenter).Assembly, typeof(SegmenterTraining).Assembly];

    // Two of them with equal elements would not be equal: a record says that they were.
    [Fact]
    public void Records_HoldNoCollections()
    {
        IEnumerable<string> pretending = Surface.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.GetMethod("<Clone>$") is not null || type.IsValueType)
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.PropertyType != typeof(string) && typeof(IEnumerable).IsAssignableFrom(property.PropertyType))
                .Select(property => $"{type.Name}.{property.Name}"));
        Assert.Empty(pretending);
    }

    [Theory]
    [InlineData("--")]
    [InlineData("clouds ")]
    public void LibrariesFailures_DoNotSpeakOfTheCommandLine(string word)
    {
        string[] layers = ["Diagnostics", "Graph", "Models", "Runtime", "Native", "Native.Training", "Training"];
        IReadOnlyList<SourceFile> files = SourceFile.Below([.. layers.Select(layer => $"src/Clouds.{layer}")]);
        Assert.NotEmpty(files);
        IEnumerable<string> found = files.SelectMany(file => file.Text.Split('\n').Select((line, i) => (line, Where: $"{file.Path}:{i + 1}")))
            .Where(at => at.line.Contains("next:", StringComparison.Ordinal) || at.line.Contains("new CloudsException", StringComparison.Ordinal))
            .Where(at => at.line.Split('"').Where((_, i) => i % 2 == 1).Any(text => text.Contains(word, StringComparison.Ordinal)))
            .Select(at => at.Where);
        Assert.Empty(found);
    }
}
