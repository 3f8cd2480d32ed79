using Clouds.Graph.Building;

namespace Clouds.Models.Llama;

/// <summary>
/// Llama (Touvron et al. 2023): a causal transformer with RMS normalisation in front of attention and feed-forward network, rotary positions, grouped keys and
/// values, and a gated feed-forward network. Parameter names are those of Hugging Face's LlamaForCausalLM.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="form">How matrices are stored; null: as numbers. In few bits they have no gradient.</param>
public sealed class LlamaNetwork(LlamaConfig config, BlockForm? form = null)
{
    private const float Unseen = -1e9f;
    private const double Deviation = 0.02;

    // N texts · T tokens · D = config.Width · M heads · K heads of keys · C = head width · F feed-forward · V vocabulary
    /// <summary>What follows each token of whole texts; differentiable.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="tokens">int64 [N, T].</param>
    /// <returns>Logits [N, T, V].</returns>
    public Value Build(GraphBuilder g, Value tokens)
    {
        int length = (int)tokens.Shape[1].Size;
        (Value cosines, Value sines) = RotaryTable.Of(g, config, length);
        Value unseen = Causal(g, length);
        return Run(g, tokens, (q, k, v, _) => Attend(g, q, k, v, cosines, sines, unseen));
    }

    /// <summary>
    /// What follows the last token of texts that go on, with keys and values of earlier tokens kept in place: every layer reads and writes its part of the
    /// cache (<see cref="LlamaCache"/>). By ONNX Runtime's GroupQueryAttention, which has no gradient.
    /// </summary>
    /// <param name="g">Graph.</param>
    /// <param name="tokens">int64 [N, T]; T may be open.</param>
    /// <param name="cache">The cache's ports.</param>
    /// <returns>Logits [N, V] behind the last token.</returns>
    public Value Continue(GraphBuilder g, Value tokens, LlamaCache cache)
    {
        Value logits = Run(g, tokens, (q, k, v, layer) => cache.Attend(g, layer, q, k, v), last: true);
        return g.Squeeze(logits, 1);
    }

    private Value Run(GraphBuilder g, Value tokens, Func<Value, Value, Value, int, Value> attend, bool last = false)
    {
        Value table = g.Parameter("model.embed_tokens.weight", [config.Vocabulary, config.Width], Initialize.Normal(Deviation), ParameterKind.Embedding,
            form is null ? ElementType.Float : ElementType.Float16);
        Value x = g.Gather(table, tokens);                                                              // [N, T, D]
        x = form is null ? x : g.Cast(x, ElementType.Float);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"model.layers.{layer}";
            int block = layer;
            Value y = Norm(g, x, $"{name}.input_layernorm");
            x = g.Add(x, Attention(g, y, (q, k, v) => attend(q, k, v, block), $"{name}.self_attn"));
            x = g.Add(x, FeedForward(g, Norm(g, x, $"{name}.post_attention_layernorm"), $"{name}.mlp"));
        }

        x = Norm(g, last ? g.Gather(x, g.Integers(-1), 1) : x, "model.norm");
        return form is not null ? form.Head.Linear(g, x, "lm_head", config.Vocabulary)
            : config.TiedEmbeddings ? g.Linear(x, table, bias: null) : Linear(g, x, "lm_head", config.Vocabulary);
    }

    private Value Attention(GraphBuilder g, Value x, Func<Value, Value, Value, Value> attend, string name)
    {
        Value q = Linear(g, x, $"{name}.q_proj", config.Heads * config.HeadSize);                       // [N, T, M·C]
        Value k = Linear(g, x, $"{name}.k_proj", config.KeyValueHeads * config.HeadSize);               // [N, T, K·C]
        Value v = Linear(g, x, $"{name}.v_proj", config.KeyValueHeads * config.HeadSize);
        return Linear(g, attend(q, k, v), $"{name}.o_proj", config.Width);                              // [N, T, D]
    }

    private Value Attend(GraphBuilder g, Value q, Value k, Value v, Value cosines, Value sines, Value unseen)
    {
        Value queries = RotaryTable.Turn(g, Heads(g, q, config.Heads), cosines, sines);                 // [N, M, T, C]
        Value keys = Shared(g, RotaryTable.Turn(g, Heads(g, k, config.KeyValueHeads), cosines, sines));
        Value values = Shared(g, Heads(g, v, config.KeyValueHeads));
        Value scores = g.MatMul(g.Mul(queries, (float)(1 / Math.Sqrt(config.HeadSize))), g.Transpose(keys, 0, 1, 3, 2));
        Value mixed = g.MatMul(g.Softmax(g.Add(scores, unseen)), values);                               // [N, M, T, C]
        return g.Reshape(g.Transpose(mixed, 0, 2, 1, 3), q.Shape);
    }

    // SwiGLU (Shazeer 2020).
    private Value FeedForward(GraphBuilder g, Value x, string name)
    {
        Value gate = Linear(g, x, $"{name}.gate_proj", config.FeedForward);                             // [N, T, F]
        Value hidden = g.Mul(g.Silu(gate), Linear(g, x, $"{name}.up_proj", config.FeedForward));
        return Linear(g, hidden, $"{name}.down_proj", config.Width);
    }

    private Value Norm(GraphBuilder g, Value x, string name)
    {
        Value scale = g.Parameter($"{name}.weight", [x.Shape[-1]], Initialize.Ones, ParameterKind.Norm);
        Value mean = g.ReduceMean(g.Pow(x, 2), -1);
        return g.Mul(g.Div(x, g.Sqrt(g.Add(mean, config.Epsilon))), scale);
    }

    private Value Linear(GraphBuilder g, Value x, string name, long outputs) => form is not null ? form.Linear(g, x, name, outputs)
        : g.Linear(x, name, outputs, Initialize.Normal(Deviation), useBias: false);

    private Value Heads(GraphBuilder g, Value x, int heads) =>
        g.Transpose(g.Reshape(x, [x.Shape[0], x.Shape[1], heads, config.HeadSize]), 0, 2, 1, 3);

    // Each head of keys and values serves M/K heads of queries.
    private Value Shared(GraphBuilder g, Value x)
    {
        long served = config.Heads / config.KeyValueHeads;
        Shape apart = [x.Shape[0], config.KeyValueHeads, served, x.Shape[2], config.HeadSize];
        return served == 1 ? x : g.Reshape(g.Expand(g.Unsqueeze(x, 2), apart), [x.Shape[0], config.Heads, x.Shape[2], config.HeadSize]);
    }

    // A token sees itself and what stands before it.
    private static Value Causal(GraphBuilder g, int length)
    {
        float[] bias = [.. Enumerable.Range(0, length * length).Select(i => i % length > i / length ? Unseen : 0)];
        return g.Constant(bias, 1, 1, length, length);
    }
}
