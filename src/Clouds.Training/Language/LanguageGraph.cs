using Clouds.Graph.Building;
using Clouds.Models.Llama;
using Clouds.Training.Engine;

namespace Clouds.Training.Language;

/// <summary>One training step of a language model as a graph: the network on whole windows, without a cache, and the loss.</summary>
/// <param name="config">Settings.</param>
public sealed class LanguageGraph(LanguageTrainingConfig config)
{
    /// <summary>Measure: share of the tokens to be foretold that are.</summary>
    public const string Found = "found";

    /// <summary>int64 [N, T]: the windows.</summary>
    public Port<long> Tokens { get; } = new("tokens", [config.Batch, config.Length]);

    /// <summary>int64 [N, T]: the token behind each; -1: it is given, and not to be foretold.</summary>
    public Port<long> Next { get; } = new("next", [config.Batch, config.Length]);

    /// <summary>The step.</summary>
    public TrainingGraph Build()
    {
        GraphBuilder g = new("training step");
        NextTokenTerms terms = Loss(g);
        return TrainingGraph.Of(g, terms.Total, (Found, terms.Found));
    }

    /// <summary>Foretell each next token, compare.</summary>
    public NextTokenTerms Loss(GraphBuilder g)
    {
        Value logits = new LlamaNetwork(config.Network).Build(g, Tokens.In(g));                                 // [N, T, V]
        return NextTokenLoss.Build(g, logits, Next.In(g));
    }
}
