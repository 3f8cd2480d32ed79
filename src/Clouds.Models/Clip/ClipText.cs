using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Layers;

namespace Clouds.Models.Clip;

/// <summary>Sizes of CLIP's text tower (method.md section 1.6).</summary>
public sealed record ClipTextConfig
{
    private const int HeadWidth = 64;

    /// <summary>Width of the residual stream. OpenCLIP convnext_large_d_320: 768; OpenAI RN50 and RN101: 512.</summary>
    public int Width { get; init; } = 768;

    /// <summary>Attention heads. OpenCLIP convnext_large_d_320: 12; OpenAI RN50 and RN101: 8.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Blocks. OpenCLIP convnext_large_d_320: 16; OpenAI RN50 and RN101: 12.</summary>
    public int Layers { get; init; } = 16;

    /// <summary>Tokens of a text, start and end included. CLIP: 77.</summary>
    public int Context { get; init; } = 77;

    /// <summary>Different tokens. CLIP: 49408.</summary>
    public int Vocabulary { get; init; } = 49408;

    /// <summary>Whether the activation is OpenAI's quick approximation x · sigmoid(1.702 x); otherwise it is the exact GELU.</summary>
    public bool QuickGelu { get; init; }

    /// <summary>
    /// The sizes of the tower in a weight file, read from its tensors' shapes; heads have 64 channels, as all of CLIP's have.
    /// </summary>
    /// <param name="shapes">Extents by name, from "token_embedding.weight" on.</param>
    /// <param name="quickGelu">What no tensor tells.</param>
    /// <returns>Null where there is no tower.</returns>
    public static ClipTextConfig? Find(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes, bool quickGelu) =>
        shapes.GetValueOrDefault("token_embedding.weight") is [long vocabulary, long width]
        && shapes.GetValueOrDefault("positional_embedding") is [long context, _]
            ? new ClipTextConfig
            {
                Width = (int)width,
                Heads = (int)Math.Max(1, width / HeadWidth),
                Layers = Enumerable.Range(0, shapes.Count).First(layer => !shapes.ContainsKey($"transformer.resblocks.{layer}.ln_1.weight")),
                Context = (int)context,
                Vocabulary = (int)vocabulary,
                QuickGelu = quickGelu,
            }
            : null;

    /// <summary>The same for a weight file in any dialect, and the width of the embedding that its tower makes; null where there is no tower.</summary>
    public static (ClipTextConfig Config, long Embedding)? Find(WeightSource source, bool quickGelu)
    {
        const string First = "token_embedding.weight";
        string? first = source.Tensors.Keys.FirstOrDefault(name => name.EndsWith(First, StringComparison.Ordinal));
        string prefix = first?[..^First.Length] ?? "";
        Dictionary<string, IReadOnlyList<long>> shapes = source.Tensors.Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Key[prefix.Length..], IReadOnlyList<long> (tensor) => tensor.Value.Shape);
        return Find(shapes, quickGelu) is ClipTextConfig config && shapes.GetValueOrDefault("text_projection") is [_, long embedding]
            ? (config, embedding)
            : null;
    }

    /// <summary>The tower beside OpenCLIP's ConvNeXt-L.</summary>
    public static ClipTextConfig ConvNeXtLarge { get; } = new();

    /// <summary>The tower beside OpenAI's RN50 and RN101.</summary>
    public static ClipTextConfig ResNet { get; } = new() { Width = 512, Heads = 8, Layers = 12, QuickGelu = true };
}

/// <summary>
/// CLIP's text encoder: a causal transformer that normalises before attention and before the MLP (Radford et al. 2021; method.md section 1.6).
/// Parameter names are those of OpenAI's and OpenCLIP's state dicts.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="embedding">E, width of the embedding that images and texts share.</param>
public sealed class ClipText(ClipTextConfig config, int embedding)
{
    /// <summary>First part of its parameters' names in a CLOUDS checkpoint, beside those of the image encoder (method.md section 1.9).</summary>
    public const string Scope = "backbone.clip_model";

    private const float Epsilon = 1e-5f;

    private readonly MultiHeadAttention _attention = new(config.Heads,
        Initialize.Normal(1 / Math.Sqrt(config.Width)), Initialize.Normal(ProjectionDeviation(config)));

    // N texts · L tokens · D = config.Width · E embedding
    /// <summary>Embeds texts.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="tokens">
    /// int64 [N, L]: start, the text's ids, end, zeros. The end has the largest id of its row. L may be less than the context: what stands behind the end
    /// changes nothing.
    /// </param>
    /// <returns>[N, E], not normalised.</returns>
    public Value Build(GraphBuilder g, Value tokens) => Embed(g, tokens, Hidden(g, tokens));

    /// <summary>Every token's vector behind the last normalisation: [N, L, D].</summary>
    public Value Hidden(GraphBuilder g, Value tokens)
    {
        Value table = g.Parameter("token_embedding.weight", [config.Vocabulary, config.Width], Initialize.Normal(0.02), ParameterKind.Embedding);
        Value positions = g.Parameter("positional_embedding", [config.Context, config.Width], Initialize.Normal(0.01));
        long length = tokens.Shape[1].Size;
        Value x = g.Add(g.Gather(table, tokens), g.Slice(positions, 0, 0, length));         // [N, L, D]
        Value causal = Causal(g, length);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            x = Block(g, x, causal, $"transformer.resblocks.{layer}");
        }

        return g.LayerNorm(x, "ln_final", Epsilon);
    }

    /// <summary>The embedding [N, E] of texts whose <see cref="Hidden"/> is there: the vector at the end token, projected.</summary>
    public Value Embed(GraphBuilder g, Value tokens, Value hidden)
    {
        // ONNX Runtime's CUDA provider finds the largest among floats only; ids are exact there.
        Value end = g.ArgMax(g.Cast(tokens, ElementType.Float), 1);                         // [N], the first of the largest
        Value vector = g.GatherND(hidden, g.Unsqueeze(end, 1), batchAxes: 1);               // [N, D]
        return g.MatMul(vector, g.Parameter("text_projection", [config.Width, embedding], Initialize.Normal(1 / Math.Sqrt(config.Width))));
    }

    private Value Block(GraphBuilder g, Value x, Value causal, string name)
    {
        Value y = g.LayerNorm(x, $"{name}.ln_1", Epsilon);
        x = g.Add(x, _attention.Build(g, y, y, y, causal, $"{name}.attn"));
        y = g.LayerNorm(x, $"{name}.ln_2", Epsilon);
        y = g.Linear(y, $"{name}.mlp.c_fc", 4 * config.Width, Initialize.Normal(1 / Math.Sqrt(2.0 * config.Width)), Initialize.Zeros);
        y = config.QuickGelu ? g.Mul(y, g.Sigmoid(g.Mul(y, 1.702f))) : g.Gelu(y);           // [N, L, 4 D]
        return g.Add(x, g.Linear(y, $"{name}.mlp.c_proj", config.Width, Initialize.Normal(ProjectionDeviation(config)), Initialize.Zeros));
    }

    // A token sees itself and what stands before it.
    private static Value Causal(GraphBuilder g, long length)
    {
        float[] bias = [.. Enumerable.Range(0, (int)(length * length)).Select(i => i % length > i / length ? -1e9f : 0)];
        return g.Constant(bias, 1, 1, length, length);
    }

    private static double ProjectionDeviation(ClipTextConfig config) => 1 / Math.Sqrt(2.0 * config.Layers * config.Width);
}
