using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>Images of one padded size to labels. Not for concurrent calls.</summary>
internal interface IInference : IDisposable
{
    /// <summary>Padded rows.</summary>
    int Height { get; }

    /// <summary>Padded columns.</summary>
    int Width { get; }

    /// <summary>Whether it takes images of a padded size.</summary>
    bool Fits(int height, int width) => height == Height && width == Width;

    /// <summary>Computes the network's answer; on a GPU it is under way when this returns.</summary>
    /// <param name="seen">The image as the network sees it, at most of the padded size.</param>
    /// <param name="height">Rows of the answer.</param>
    /// <param name="width">Columns of the answer.</param>
    /// <param name="withScores">Whether class scores will be wanted.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <returns>To be read before the next image of this size is started; on a GPU before the one after the next.</returns>
    IPendingAnswer Start(RgbImage seen, int height, int width, bool withScores, CancellationToken cancellation);
}

/// <summary>An image's answer, to be read once.</summary>
internal interface IPendingAnswer
{
    /// <summary>This answer when it has come to the host's memory.</summary>
    IPendingAnswer Arrived();

    /// <summary>Labels and, where they were asked for, scores, in memory of their own.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Numeric: the network's answer is not finite.</exception>
    (ushort[] Labels, float[]? Scores) Take(CancellationToken cancellation);

    /// <summary>The same into the caller's memory; scores may be empty.</summary>
    void Write(Span<ushort> labels, Span<float> scores, CancellationToken cancellation);
}
