using Clouds.Graph.Building;

namespace Clouds.Models.Llama;

/// <summary>
/// Keys and values of the tokens that were seen, [N, K, S, C'] for each layer, where C' is a head's width up to a multiple of 8. The ports
/// "past.{layer}.key" and "past.{layer}.value" are to be bound to the same memory as those that start with "present": then a token is written in place.
/// All texts have the same number of tokens.
/// </summary>
public sealed class LlamaCache
{
    private const string RuntimeDomain = "com.microsoft";
    private const int HeadUnit = 8;

    private readonly LlamaConfig _config;
    private readonly Value _last;
    private readonly Value _total;
    private readonly Value _cosines;
    private readonly Value _sines;

    /// <summary>
    /// Declares the ports that count: "positions" int64 [T], places of the call's tokens in their texts, from 0; "last" int32 [N], the last of them, for each
    /// text; "total" int32, tokens in the cache after the call.
    /// </summary>
    /// <param name="g">Graph.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="tokens">The call's tokens [N, T].</param>
    /// <param name="capacity">S, tokens that the cache holds.</param>
    public LlamaCache(GraphBuilder g, LlamaConfig config, Value tokens, int capacity)
    {
        (_config, Capacity) = (config, capacity);
        _last = g.Input("last", ElementType.Int32, [tokens.Shape[0]]);
        _total = g.Input("total", ElementType.Int32, []);
        Value positions = g.Input("positions", ElementType.Int64, [tokens.Shape[1]]);
        (Value cosines, Value sines) = RotaryTable.Of(g, config, capacity);
        _cosines = g.Unsqueeze(g.Gather(cosines, positions), 1);                                // [T, 1, C/2]
        _sines = g.Unsqueeze(g.Gather(sines, positions), 1);
    }

    /// <summary>S.</summary>
    public int Capacity { get; }

    private int Padded => (_config.HeadSize + HeadUnit - 1) / HeadUnit * HeadUnit;

    // Zeros behind a head's channels change no product of queries and keys.
    internal Value Attend(GraphBuilder g, int layer, Value q, Value k, Value v)
    {
        Shape shape = [q.Shape[0], _config.KeyValueHeads, Capacity, Padded];
        Value keys = g.Input($"past.{layer}.key", ElementType.Float, shape), values = g.Input($"past.{layer}.value", ElementType.Float, shape);
        int few = _config.KeyValueHeads;
        Value[] inputs = [Heads(g, q, _config.Heads, turn: true), Heads(g, k, few, turn: true), Heads(g, v, few, turn: false)];
        IReadOnlyList<Value> answer = g.EmitMany("GroupQueryAttention", RuntimeDomain, [.. inputs, keys, values, _last, _total],
            [(ElementType.Float, inputs[0].Shape), (ElementType.Float, shape), (ElementType.Float, shape)],
            ("num_heads", (long)_config.Heads), ("kv_num_heads", (long)_config.KeyValueHeads), ("scale", (float)(1 / Math.Sqrt(_config.HeadSize))));
        g.Output($"present.{layer}.key", answer[1]);
        g.Output($"present.{layer}.value", answer[2]);
        return Padded == _config.HeadSize ? answer[0] : Narrowed(g, answer[0], q.Shape);
    }

    private Value Heads(GraphBuilder g, Value x, int heads, bool turn)
    {
        Value split = g.Reshape(x, [x.Shape[0], x.Shape[1], heads, _config.HeadSize]);          // [N, T, M, C]
        split = turn ? RotaryTable.Turn(g, split, _cosines, _sines) : split;
        split = Padded == _config.HeadSize ? split : g.Pad(split, [0, 0, 0, 0], [0, 0, 0, Padded - _config.HeadSize]);
        return g.Reshape(split, [x.Shape[0], x.Shape[1], (long)heads * Padded]);
    }

    private Value Narrowed(GraphBuilder g, Value x, Shape shape) =>
        g.Reshape(g.Slice(g.Reshape(x, [x.Shape[0], x.Shape[1], _config.Heads, Padded]), 3, 0, _config.HeadSize), shape);
}
