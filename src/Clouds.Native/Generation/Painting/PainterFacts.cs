using Clouds.Native.Catalogue;

namespace Clouds.Native.Generation.Painting;

/// <summary>What a painter is, for whoever keeps a record of what it painted.</summary>
public sealed class PainterFacts
{
    /// <summary>Name of its folder or file.</summary>
    public required string Name { get; init; }

    /// <summary>The files that its images depend on, with their digests.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>Pixels of the sides that it was trained for. Stable Diffusion 1.5: 512; 2: 768.</summary>
    public required int Side { get; init; }

    /// <summary>What both sides must be multiples of. Stable Diffusion: 8.</summary>
    public required int Multiple { get; init; }

    /// <summary>Its own sampler.</summary>
    public required PaintSampler Sampler { get; init; }

    /// <summary>What its denoiser predicts: "epsilon" or "v_prediction".</summary>
    public required string Prediction { get; init; }

    /// <summary>Times of its training, and so the most steps of an image. Stable Diffusion: 1000.</summary>
    public required int MostSteps { get; init; }

    /// <summary>In what its networks are computed: "fp32" or "fp16".</summary>
    public required string Precision { get; init; }

    /// <summary>Where they are computed: "cpu" or "cuda:N".</summary>
    public required string Device { get; init; }
}
