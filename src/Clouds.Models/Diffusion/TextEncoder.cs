using Clouds.Graph.Building;
using Clouds.Models.Layers;

namespace Clouds.Models.Diffusion;

/// <summary>Sizes of Stable Diffusion's text encoder.</summary>
public sealed record TextEncoderConfig
{
    /// <summary>Width of the residual stream. SD 1.5: 768; SD 2: 1024.</summary>
    public int Width { get; init; } = 768;

    /// <summary>Attention heads. SD 1.5: 12; SD 2: 16.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Blocks. SD 1.5: 12; SD 2: 23, OpenCLIP's tower without its last.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>Tokens of a prompt, start and end included. CLIP: 77.</summary>
    public int Context { get; init; } = 77;

    /// <summary>Different tokens. CLIP: 49408.</summary>
    public int Vocabulary { get; init; } = 49408;

    /// <summary>Whether the activation is OpenAI's quick approximation x · sigmoid(1.702 x) (SD 1.5); otherwise it is the exact GELU (SD 2).</summary>
    public bool QuickGelu { get; init; } = true;

    /// <summary>Stable Diffusion 1.5.</summary>
    public static TextEncoderConfig V1 { get; } = new();

    /// <summary>Stable Diffusion 2.x.</summary>
    public static TextEncoderConfig V2 { get; } = new() { Width = 1024, Heads = 16, Layers = 23, QuickGelu = false };
}

/// <summary>
/// Stable Diffusion's text encoder: the causal transformer of CLIP's text tower (<see cref="Clip.ClipText"/>) up to its last normalisation, under the names
/// that Hugging Face's CLIPTextModel has.
/// </summary>
/// <param name="config">Sizes.</param>
public sealed class TextEncoder(TextEncoderConfig config)
{
    private const float Epsilon = 1e-5f;
    private const float Unseen = -1e9f;

    // N prompts · L tokens · D = config.Width
    /// <summary>Encodes prompts.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="tokens">int64 [N, L]: start, the text's ids, end, padding; L is the context.</param>
    /// <returns>[N, L, D]: every token's vector; padding has its own, which the UNet sees.</returns>
    public Value Build(GraphBuilder g, Value tokens)
    {
        using IDisposable scope = g.Scope("text_model");
        Value table = g.Parameter("embeddings.token_embedding.weight", [config.Vocabulary, config.Width], Initialize.Normal(0.02), ParameterKind.Embedding);
        Value positions = g.Parameter("embeddings.position_embedding.weight", [config.Context, config.Width], Initialize.Normal(0.01));
        Value x = g.Add(g.Gather(table, tokens), g.Slice(positions, 0, 0, tokens.Shape[1].Size));               // [N, L, D]
        Value causal = Causal(g, tokens.Shape[1].Size);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            x = Block(g, x, causal, $"encoder.layers.{layer}");
        }

        return g.LayerNorm(x, "final_layer_norm", Epsilon);
    }

    private Value Block(GraphBuilder g, Value x, Value causal, string name)
    {
        x = g.Add(x, Attention(g, g.LayerNorm(x, $"{name}.layer_norm1", Epsilon), causal, $"{name}.self_attn"));
        Value y = g.Linear(g.LayerNorm(x, $"{name}.layer_norm2", Epsilon), $"{name}.mlp.fc1", 4 * config.Width);
        y = config.QuickGelu ? g.Mul(y, g.Sigmoid(g.Mul(y, 1.702f))) : g.Gelu(y);                               // [N, L, 4 D]
        return g.Add(x, g.Linear(y, $"{name}.mlp.fc2", config.Width));
    }

    private Value Attention(GraphBuilder g, Value x, Value causal, string name)
    {
        float scale = (float)(1 / Math.Sqrt((double)config.Width / config.Heads));
        Value q = Heads(g, g.Mul(g.Linear(x, $"{name}.q_proj", config.Width), scale), 0, 2, 1, 3);              // [N, M, L, D/M]
        Value k = Heads(g, g.Linear(x, $"{name}.k_proj", config.Width), 0, 2, 3, 1);                            // [N, M, D/M, L]
        Value v = Heads(g, g.Linear(x, $"{name}.v_proj", config.Width), 0, 2, 1, 3);
        Value mixed = g.MatMul(g.Softmax(g.Add(g.MatMul(q, k), causal)), v);
        return g.Linear(g.Reshape(g.Transpose(mixed, 0, 2, 1, 3), x.Shape), $"{name}.out_proj", config.Width);
    }

    // A token sees itself and what stands before it.
    private static Value Causal(GraphBuilder g, long length)
    {
        float[] bias = [.. Enumerable.Range(0, (int)(length * length)).Select(i => i % length > i / length ? Unseen : 0)];
        return g.Constant(bias, 1, 1, length, length);
    }

    private Value Heads(GraphBuilder g, Value x, params int[] order) =>
        g.Transpose(g.Reshape(x, [x.Shape[0], x.Shape[1], config.Heads, config.Width / config.Heads]), order);
}
