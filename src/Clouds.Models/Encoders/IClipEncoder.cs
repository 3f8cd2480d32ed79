using Clouds.Graph.Building;

namespace Clouds.Models.Encoders;

/// <summary>An encoder that was trained together with a text tower, so that its features can be told apart by words (method.md section 1.6).</summary>
public interface IClipEncoder : IEncoder
{
    /// <summary>E, width of the embedding that images and texts share.</summary>
    int Embedding { get; }

    /// <summary>Whether it pools by attention, of which the reference makes NaN where a mask is empty.</summary>
    bool PoolsByAttention { get; }

    /// <summary>Whether its text tower has OpenAI's quick approximation of GELU.</summary>
    bool QuickGelu { get; }

    /// <summary>CLIP's visual head on what lies within masks.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="c5">[N, C, h, w], the coarsest features.</param>
    /// <param name="inside">[N, Q, h, w], 1 inside a mask and 0 elsewhere.</param>
    /// <returns>[N, Q, E], not normalised.</returns>
    Value EmbedMasks(GraphBuilder g, Value c5, Value inside);
}
