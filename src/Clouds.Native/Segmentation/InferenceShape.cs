using Clouds.Runtime.Kernels;

namespace Clouds.Native.Segmentation;

/// <summary>Sizes of a network that answers one image.</summary>
/// <param name="Queries">Q.</param>
/// <param name="Classes">K, no-object not counted.</param>
/// <param name="Height">Padded rows.</param>
/// <param name="Width">Padded columns.</param>
internal sealed record InferenceShape(int Queries, int Classes, int Height, int Width)
{
    /// <summary>Pixels of the image, in each direction, for one of the mask logits.</summary>
    public const int MaskStride = 4;

    /// <summary>Sizes of the semantic inference behind it, for an image of this many rows and columns without padding.</summary>
    public SemanticShape For(int height, int width) =>
        new(Queries, Classes, Height / MaskStride, Width / MaskStride, Height, Width, height, width);
}
