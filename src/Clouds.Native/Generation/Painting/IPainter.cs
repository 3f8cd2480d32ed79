namespace Clouds.Native.Generation.Painting;

/// <summary>Paints images of prompts. Not for several callers at once.</summary>
public interface IPainter : IDisposable
{
    /// <summary>What it is, and what it takes for requests that leave something open.</summary>
    PainterFacts Facts { get; }

    /// <summary>
    /// Paints images. Each is a function of its own request only: painted together or alone, they have the same bits on one kind of device.
    /// </summary>
    /// <param name="requests">What to paint, in this order; start images are read until the call returns.</param>
    /// <param name="progress">Told of every step; null: nobody is.</param>
    /// <param name="stop">Ends it, when the operator that runs has ended.</param>
    /// <returns>An image for each request, in their order.</returns>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// Usage: a request is out of range, before anything is painted; Numeric: what the networks answer is no number; Device: no memory, or the GPU failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    IReadOnlyList<PaintedImage> Paint(IReadOnlyList<PaintRequest> requests, IProgress<PaintProgress>? progress = null, CancellationToken stop = default);
}
