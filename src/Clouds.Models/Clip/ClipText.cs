using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Models.Layers;

namespace Clouds.Models.Clip;

/// <summary>Sizes of CLIP's text tower (method.md section 1.6).</summary>
public sealed record ClipTextConfig
{
    /// <summary>Width of the residual stream. OpenCLIP convnext_large_d_320: 768; OpenAI RN50 and RN101: 512.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "OpenCLIP convnext_large_d_320: 768; OpenAI RN50, RN101: 512")]
    public int Width { get; init; } = 768;

    /// <summary>Attention heads. OpenCLIP convnext_large_d_320: 12; OpenAI RN50 and RN101: 8.</summary>
    [Setting(Unit = "heads", Min = 1, Source = "OpenCLIP convnext_large_d_320: 12; OpenAI RN50, RN101: 8")]
    public int Heads { get; init; } = 12;

    /// <summary>Blocks. OpenCLIP convnext_large_d_320: 16; OpenAI RN50 and RN101: 12.</summary>
    [Setting(Unit = "blocks", Min = 1, Source = "OpenCLIP convnext_large_d_320: 16; OpenAI RN50, RN101: 12")]
    public int Layers { get; init; } = 16;

    /// <summary>Tokens of a text, start and end included. CLIP: 77.</summary>
    [Setting(Unit = "tokens", Min = 2, Source = "CLIP: 77")]
    public int Context { get; init; } = 77;

    /// <summary>Different tokens. CLIP: 49408.</summary>
    [Setting(Unit = "tokens", Min = 3, Source = "CLIP: 49408")]
    public int Vocabulary { get; init; } = 49408;

    /// <summary>Whether the activation is OpenAI's quick approximation x · sigmoid(1.702 x); otherwise it is the exact GELU.</summary>
    [Setting(Source = "OpenAI: true; OpenCLIP convnext_large_d_320: false")]
    public bool QuickGelu { get; init; }

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
    private const float Epsilon = 1e-5f;

    private readonly MultiHeadAttention _attention = new(config.Heads,
        Initialize.Normal(1 / Math.Sqrt(config.Width)), Initialize.Normal(ProjectionDeviation(config)));

    // N texts · L = config.Context · D = config.Width · E embedding
    /// <summary>Embeds texts.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="tokens">int64 [N, L]: start, the text's ids, end, zeros. The end has the largest id of its row.</param>
    /// <returns>[N, E], not normalised.</returns>
    public Value Build(GraphBuilder g, Value tokens) => Embed(g, tokens, Hidden(g, tokens));

    /// <summary>Every token's vector behind the last normalisation: [N, L, D].</summary>
    public Value Hidden(GraphBuilder g, Value tokens)
    {
        Value table = g.Parameter("token_embedding.weight", [config.Vocabulary, config.Width], Initialize.Normal(0.02), ParameterKind.Embedding);
        Value positions = g.Parameter("positional_embedding", [config.Context, config.Width], Initialize.Normal(0.01));
        Value x = g.Add(g.Gather(table, tokens), positions);                                // [N, L, D]
        Value causal = Causal(g);
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
    private Value Causal(GraphBuilder g)
    {
        int length = config.Context;
        float[] bias = [.. Enumerable.Range(0, length * length).Select(i => i % length > i / length ? -1e9f : 0)];
        return g.Constant(bias, 1, 1, length, length);
    }

    private static double ProjectionDeviation(ClipTextConfig config) => 1 / Math.Sqrt(2.0 * config.Layers * config.Width);
}
