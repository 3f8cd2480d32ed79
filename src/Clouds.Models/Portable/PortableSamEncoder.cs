using Clouds.Graph.Building;
using Clouds.Models.Sam;

namespace Clouds.Models.Portable;

/// <summary>Segment Anything's image encoder: its size is the network's own, one image at a time.</summary>
/// <param name="config">Which, and its sizes.</param>
public sealed class PortableSamEncoder(SamConfig config) : IPortableNetwork
{
    /// <summary>Output: float [1, C, e, e].</summary>
    public const string Embedding = "embedding";

    /// <inheritdoc/>
    public string Kind => "sam_encoder";

    /// <inheritdoc/>
    public IReadOnlyList<OpenExtent> Extents => [];

    /// <inheritdoc/>
    public long Ids => 0;

    /// <inheritdoc/>
    public void Build(GraphBuilder g, IReadOnlyDictionary<string, Dim> extents)
    {
        long side = config.Encoder.ImageSize;
        Value image = g.Input(PortableSegmenter.Image, ElementType.Float, [1, 3, side, side]);
        g.Output(Embedding, new SegmentAnythingNetwork(config).Embed(g, image));
    }
}
