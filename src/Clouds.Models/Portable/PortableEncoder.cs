using Clouds.Graph.Building;
using Clouds.Models.Encoders;

namespace Clouds.Models.Portable;

/// <summary>An image encoder alone: a normalised image to four maps of features, under the reference code's names.</summary>
/// <param name="config">Which, and its sizes.</param>
public sealed class PortableEncoder(EncoderConfig config) : IPortableNetwork
{
    /// <inheritdoc/>
    public string Kind => "encoder";

    /// <inheritdoc/>
    public IReadOnlyList<OpenExtent> Extents { get; } = [OpenExtent.Batch, OpenExtent.Height, OpenExtent.Width];

    /// <inheritdoc/>
    public long Ids => 0;

    /// <inheritdoc/>
    public void Build(GraphBuilder g, IReadOnlyDictionary<string, Dim> extents)
    {
        IEncoder encoder = config.Create();
        Value image = g.Input(PortableSegmenter.Image, ElementType.Float, [extents["N"], 3, extents["H"], extents["W"]]);
        using IDisposable scope = g.Scope(encoder.Scope);
        foreach ((string name, Value map) in encoder.Build(g, image).Levels)
        {
            g.Output(name, map);
        }
    }
}
