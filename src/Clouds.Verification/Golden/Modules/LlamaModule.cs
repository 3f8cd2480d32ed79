using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Llama;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Llama: logits of whole texts, and their greedy continuation with keys and values kept in place.</summary>
internal sealed class LlamaModule : IGoldenModule
{
    public string Name => "llama";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph whole = new(golden);
        LlamaConfig config = Config(golden.Config);
        whole.G.Output("logits", new LlamaNetwork(config).Build(whole.G, whole.Input("input.ids", ElementType.Int64)));
        Dictionary<string, GoldenTensor> outputs = whole.Run(device, cancellation).ToDictionary();
        (outputs["generated"], outputs["step_logits"]) = Continue(golden, config, device, cancellation);
        return outputs;
    }

    private static LlamaConfig Config(CaseConfig config) => new()
    {
        Width = config.Int("hidden_size"),
        Layers = config.Int("num_hidden_layers"),
        Heads = config.Int("num_attention_heads"),
        KeyValueHeads = config.Int("num_key_value_heads"),
        FeedForward = config.Int("intermediate_size"),
        Vocabulary = config.Int("vocab_size"),
        Context = config.Int("max_position_embeddings"),
        Epsilon = (float)config.Double("rms_norm_eps"),
        RopeTheta = config.Double("rope_theta"),
        TiedEmbeddings = config.Bool("tie_word_embeddings"),
    };

    private static (GoldenTensor Generated, GoldenTensor Logits) Continue(
        GoldenCase golden, LlamaConfig config, Device device, CancellationToken cancellation)
    {
        GoldenTensor prompt = golden.Tensor("input.ids");
        (int texts, int length) = ((int)prompt.Shape[0], (int)prompt.Shape[1]);
        int count = (int)golden.Tensor("generated").Shape[1];
        CaseGraph graph = new(golden);
        Value tokens = graph.G.Input("tokens", ElementType.Int64, [texts, "T"]);
        graph.G.Output("logits", new LlamaNetwork(config).Continue(graph.G, tokens, new LlamaCache(graph.G, config, tokens, length + count)));
        using GraphSession session = device.CreateSession(OnnxModel.Write(graph.G));
        Bind(session, graph, config);
        float[] logits = new float[texts * config.Vocabulary];
        session.Bind<float>("logits", logits, texts, config.Vocabulary);
        long[] next = prompt.AsIntegers();
        long[,] generated = new long[texts, count];
        float[] steps = new float[texts * count * config.Vocabulary];
        for (int step = 0, seen = 0; step < count; step++)
        {
            int added = next.Length / texts;
            session.Bind<long>("tokens", next, texts, added);
            session.Bind<long>("positions", Enumerable.Range(seen, added).Select(position => (long)position).ToArray(), added);
            seen += added;
            session.Bind<int>("last", Enumerable.Repeat(seen - 1, texts).ToArray(), texts);
            session.Bind<int>("total", new[] { seen });
            session.Run(cancellation);
            next = new long[texts];
            for (int text = 0; text < texts; text++)
            {
                Span<float> scores = logits.AsSpan(text * config.Vocabulary, config.Vocabulary);
                scores.CopyTo(steps.AsSpan(((text * count) + step) * config.Vocabulary));
                generated[text, step] = next[text] = scores.IndexOf(System.Numerics.Tensors.TensorPrimitives.Max<float>(scores));
            }
        }

        return (new GoldenTensor([.. generated.Cast<long>()], texts, count), new GoldenTensor(steps, texts, count, config.Vocabulary));
    }

    private static void Bind(GraphSession session, CaseGraph graph, LlamaConfig config)
    {
        foreach (Parameter parameter in graph.G.Parameters)
        {
            session.Bind<float>(parameter.Name, graph.Weight(parameter), parameter.Shape.Sizes);
        }

        foreach (int layer in Enumerable.Range(0, config.Layers))
        {
            foreach (string part in (string[])["key", "value"])
            {
                GraphPort port = session.Port($"past.{layer}.{part}");
                float[] memory = new float[port.Elements];
                session.Bind<float>(port.Name, memory, port.Shape);
                session.Bind<float>($"present.{layer}.{part}", memory, port.Shape);
            }
        }
    }
}
