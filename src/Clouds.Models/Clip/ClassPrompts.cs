using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Clip;

/// <summary>The prompts that stand for a name, and the one vector that their embeddings become (method.md section 1.6; the prompts are ViLD's).</summary>
public static class ClassPrompts
{
    private static readonly string[] Sizes = ["", "small ", "medium ", "large "];

    /// <summary>Prompts a name.</summary>
    public const int Count = 14;

    /// <summary>The prompts of a name, for instance "traffic light".</summary>
    public static IReadOnlyList<string> Of(string name) =>
    [
        .. Sizes.Select(size => $"a photo of a {size}{name}."),
        .. Sizes.Select(size => $"This is a photo of a {size}{name}{Stop(size)}"),
        .. Sizes.Select(size => $"There is a {size}{name} in the scene{Stop(size)}"),
        $"There is the {name} in the scene",
        $"a photo of a {name} in the scene",
    ];

    /// <summary>The mean of a name's prompts, of length 1: embeddings [R · 14, E], a name's prompts one behind the other, to [R, E].</summary>
    public static Value Average(GraphBuilder g, Value embeddings)
    {
        (long names, Dim width) = (embeddings.Shape[0].Size / Count, embeddings.Shape[1]);
        Value prompts = g.Reshape(UnitLength.Of(g, embeddings), [names, Count, width]);
        return UnitLength.Of(g, g.ReduceMean(prompts, 1, keep: false));
    }

    private static string Stop(string size) => size.Length == 0 ? "" : ".";
}
