using Clouds.Graph.Building;

namespace Clouds.Models.Sam;

/// <summary>
/// The two-way transformer in Segment Anything's mask decoder (Kirillov et al. 2023, figure 14): tokens attend to themselves and to the image, and the image
/// attends to the tokens. What is the same for all prompts has a batch of one, and stays so until the image has seen a prompt's tokens. Parameter names are
/// those of the official checkpoints from "transformer." on.
/// </summary>
/// <param name="config">Sizes of the decoder.</param>
public sealed class TwoWayTransformer(MaskDecoderConfig config)
{
    // Attention between tokens and image works at half the width.
    private const int Narrowing = 2;

    private const float Epsilon = 1e-5f;

    // N prompts · T tokens · S cells of the image · C channels · M heads
    /// <summary>Builds the network.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N or 1, S, C].</param>
    /// <param name="places">[S, C], the cells' positions.</param>
    /// <param name="tokens">[N, T, C]; they are also what tells their positions.</param>
    /// <returns>Tokens [N, T, C] and image [N, S, C].</returns>
    public (Value Tokens, Value Image) Build(GraphBuilder g, Value image, Value places, Value tokens)
    {
        Value x = tokens;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"transformer.layers.{layer}";
            x = Norm(g, SelfAttention(g, x, tokens, first: layer == 0, $"{name}.self_attn"), $"{name}.norm1");
            Value placed = g.Add(image, places);                                                                // [N or 1, S, C]
            x = Norm(g, g.Add(x, Across(g, g.Add(x, tokens), placed, image, $"{name}.cross_attn_token_to_image")), $"{name}.norm2");
            x = Norm(g, g.Add(x, FeedForward(g, x, $"{name}.mlp")), $"{name}.norm3");
            image = Norm(g, g.Add(image, Across(g, placed, g.Add(x, tokens), x, $"{name}.cross_attn_image_to_token")), $"{name}.norm4");
        }

        Value last = Across(g, g.Add(x, tokens), g.Add(image, places), image, "transformer.final_attn_token_to_image");
        return (Norm(g, g.Add(x, last), "transformer.norm_final_attn"), image);
    }

    // In the first layer the tokens are nothing but their positions, and what they were is forgotten.
    private Value SelfAttention(GraphBuilder g, Value x, Value positions, bool first, string name)
    {
        Value query = first ? x : g.Add(x, positions);
        Value attended = Attend(g, query, query, x, x.Shape[2].Size, name);
        return first ? attended : g.Add(x, attended);
    }

    private Value Across(GraphBuilder g, Value query, Value key, Value value, string name) =>
        Attend(g, query, key, value, query.Shape[2].Size / Narrowing, name);

    private Value FeedForward(GraphBuilder g, Value x, string name) =>
        g.Linear(g.Relu(g.Linear(x, $"{name}.lin1", config.FeedForward)), $"{name}.lin2", x.Shape[2].Size);

    // query [N, Q, C], key and value [N, S, C], each of them with N or 1: [N, Q, C].
    private Value Attend(GraphBuilder g, Value query, Value key, Value value, long width, string name)
    {
        Value Heads(Value x, string part, params int[] order) =>
            g.Transpose(g.Reshape(g.Linear(x, $"{name}.{part}", width), [x.Shape[0], x.Shape[1], config.Heads, width / config.Heads]), order);

        Value q = g.Mul(Heads(query, "q_proj", 0, 2, 1, 3), (float)(1 / Math.Sqrt((double)width / config.Heads)));      // [N, M, Q, C/M]
        Value scores = g.MatMul(q, Heads(key, "k_proj", 0, 2, 3, 1));                                           // [N, M, Q, S]
        Value mixed = g.Transpose(g.MatMul(g.Softmax(scores), Heads(value, "v_proj", 0, 2, 1, 3)), 0, 2, 1, 3); // [N, Q, M, C/M]
        return g.Linear(g.Reshape(mixed, [mixed.Shape[0], mixed.Shape[1], width]), $"{name}.out_proj", query.Shape[2].Size);
    }

    private static Value Norm(GraphBuilder g, Value x, string name) => g.LayerNorm(x, name, Epsilon);
}
