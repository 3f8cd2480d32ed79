using Clouds.Graph.Building;
using Clouds.Models.Clip;

namespace Clouds.Models.Portable;

/// <summary>CLIP's text tower alone: rows of tokens to embeddings, not normalised.</summary>
/// <param name="config">Sizes.</param>
/// <param name="embedding">Width of the embedding.</param>
public sealed class PortableTextTower(ClipTextConfig config, int embedding) : IPortableNetwork
{
    /// <summary>Input: int64 [N, context]: start, ids, end, zeros.</summary>
    public const string Tokens = "tokens";

    /// <summary>Output: float [N, E].</summary>
    public const string Embedding = "embedding";

    /// <inheritdoc/>
    public string Kind => "text_tower";

    /// <inheritdoc/>
    public IReadOnlyList<OpenExtent> Extents { get; } = [OpenExtent.Batch];

    /// <inheritdoc/>
    public long Ids => config.Vocabulary;

    /// <inheritdoc/>
    public void Build(GraphBuilder g, IReadOnlyDictionary<string, Dim> extents)
    {
        Value tokens = g.Input(Tokens, ElementType.Int64, [extents["N"], config.Context]);
        using IDisposable scope = g.Scope(ClipText.Scope);
        g.Output(Embedding, new ClipText(config, embedding).Build(g, tokens));
    }
}
