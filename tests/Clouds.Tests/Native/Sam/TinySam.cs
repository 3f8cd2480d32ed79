using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;

namespace Clouds.Tests.Native.Sam;

/// <summary>Weight files of a Segment Anything that runs in milliseconds, and its decoder as Segment Anything's own script would export it.</summary>
internal static class TinySam
{
    public static SamConfig Config { get; } = new()
    {
        Encoder = new SamVitConfig
        {
            ImageSize = 48, Patch = 8, Width = 16, Depth = 2, Heads = 2, Window = 4, GlobalBlocks = [1], FeedForward = 2, Channels = 16,
        },
        MaskChannels = 8,
        Decoder = new() { Heads = 2, FeedForward = 24, ScoreWidth = 12 },
    };

    /// <summary>Writes weights that are drawn from a seed.</summary>
    /// <param name="path">Where.</param>
    /// <param name="seed">Another seed is another model.</param>
    /// <param name="described">Whether the metadata say what it is; else its tensors have to.</param>
    /// <param name="below">Keys in front of all names.</param>
    /// <param name="leaveOut">A tensor that is not written.</param>
    public static void Write(string path, ulong seed = 1, bool described = true, string below = "", string? leaveOut = null)
    {
        Parameter[] parameters = [.. SegmentAnythingNetwork.ParametersOf(Config).Where(parameter => parameter.Name != leaveOut)];
        Dictionary<string, string> metadata = described ? new() { [SamDescription.MetadataKey] = SamDescription.ToJson(Config) } : [];
        using SafetensorsWriter writer = new(
            path, [.. parameters.Select(p => new TensorDeclaration(below + p.Name, WeightType.F32, p.Shape.Sizes))], metadata);
        foreach (Parameter parameter in parameters)
        {
            writer.Write(below + parameter.Name, Draw(parameter, seed));
        }

        writer.Commit();
    }

    /// <summary>The decoder alone, with the inputs and outputs of the official export; with a choice made, one mask instead of four.</summary>
    public static byte[] Export(ulong seed = 1, bool single = false)
    {
        GraphBuilder g = new("export");
        (long channels, long grid) = (Config.Encoder.Channels, Config.Encoder.Grid);
        Value Input(string name, params Dim[] shape) => g.Input(name, ElementType.Float, Shape.Create(shape));
        (Value embedding, Value points) = (Input("image_embeddings", 1, channels, grid, grid), Input("point_coords", 1, "points", 2));
        (Value labels, Value mask) = (Input("point_labels", 1, "points"), Input("mask_input", 1, 1, 4 * grid, 4 * grid));
        (Value has, Value size) = (Input("has_mask_input", 1), Input("orig_im_size", 2));
        Value image, places, prompts;
        using (g.Scope(SegmentAnythingNetwork.PromptScope))
        {
            PromptEncoder encoder = new(Config);
            Value dense = g.Add(g.Mul(encoder.Mask(g, mask), has), g.Mul(encoder.NoMask(g), g.Sub(1f, has)));
            (image, places) = (g.Add(embedding, dense), encoder.Cells(g));
            prompts = encoder.Points(g, points, g.Cast(labels, ElementType.Int64));
        }

        using IDisposable scope = g.Scope("mask_decoder");
        MaskPrediction answer = new MaskDecoder(Config.Decoder).Build(g, image, places, prompts);
        (Value masks, Value scores) = single ? (g.Slice(answer.Masks, 1, 0, 1), g.Slice(answer.Scores, 1, 0, 1)) : (answer.Masks, answer.Scores);
        g.Output("masks", g.Add(masks, g.Mul(g.ReduceSum(size, 0), 0f)));
        g.Output("iou_predictions", scores);
        g.Output("low_res_masks", masks);
        return OnnxModel.Write(g, Weights(g, seed));
    }

    /// <summary>Start values by parameter name, for <see cref="OnnxModel.Write"/>.</summary>
    public static Dictionary<string, object> Weights(GraphBuilder g, ulong seed = 1) =>
        g.Parameters.ToDictionary(p => p.Name, p => (object)Literal.Of(Draw(p, seed), p.Shape.Sizes));

    // Scales near 1, so that nothing is lost on the way.
    private static float[] Draw(Parameter parameter, ulong seed)
    {
        RandomStream random = new(seed, parameter.Name);
        float centre = parameter.Kind == ParameterKind.Norm && parameter.Name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
        double bound = parameter.Shape.Rank < 2 ? 0.2 : Math.Sqrt(3.0 * parameter.Shape[0].Size / parameter.Shape.ElementCount);
        return [.. Enumerable.Range(0, (int)parameter.Shape.ElementCount).Select(_ => centre + (float)random.NextDouble(-bound, bound))];
    }
}
