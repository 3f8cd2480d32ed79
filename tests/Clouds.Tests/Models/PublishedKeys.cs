using Clouds.Graph.Weights;

namespace Clouds.Tests.Models;

/// <summary>The lists of names, shapes and types of the published checkpoints, in tests/golden/manifests.</summary>
internal static class PublishedKeys
{
    private static readonly Dictionary<string, WeightType> Types = new() { ["F32"] = WeightType.F32, ["F16"] = WeightType.F16, ["I64"] = WeightType.I64 };

    /// <summary>The tensors of a checkpoint whose names start so, under their whole names.</summary>
    public static IReadOnlyList<TensorDeclaration> Of(string manifest, string scope = "") =>
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "tests", "golden", "manifests", $"{manifest}.tsv"))
            .Where(line => line.StartsWith(scope, StringComparison.Ordinal) && !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(line => new TensorDeclaration(line[0], Types[line[2]], line[1] == "scalar" ? [] : [.. line[1].Split('x').Select(long.Parse)])),
    ];

    /// <summary>A tensor as one line, "name shape type".</summary>
    public static string Line(TensorDeclaration tensor) =>
        $"{tensor.Name} {(tensor.Shape.Count == 0 ? "scalar" : string.Join('x', tensor.Shape))} {tensor.Type.Spelling()}";
}
