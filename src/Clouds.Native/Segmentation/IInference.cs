using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>Images of one padded size to labels. Not for concurrent calls.</summary>
internal interface IInference : IDisposable
{
    /// <summary>Padded rows.</summary>
    int Height { get; }

    /// <summary>Padded columns.</summary>
    int Width { get; }

    /// <summary>Labels an image.</summary>
    /// <param name="seen">The image as the network sees it, at most of the padded size.</param>
    /// <param name="height">Rows of the answer.</param>
    /// <param name="width">Columns of the answer.</param>
    /// <param name="labels">Receives height · width train ids.</param>
    /// <param name="scores">Receives classes · height · width scores; or empty.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Numeric: the network's answer is not finite.</exception>
    void Segment(RgbImage seen, int height, int width, Span<ushort> labels, Span<float> scores, CancellationToken cancellation);
}
