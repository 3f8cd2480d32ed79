namespace Clouds.Runtime.Kernels;

/// <summary>
/// Windows along one side of an image, as mmsegmentation's slide inference lays them: one every stride, the last one moved back so that it ends with the
/// image. A weight is one by the number of windows that cover a place, so that weighted scores add up to their mean.
/// </summary>
public sealed class WindowAxis
{
    /// <summary>Lays the windows.</summary>
    /// <param name="length">The image's side in pixels, 1 or more.</param>
    /// <param name="window">Side of a window; 0, or the image's side or more: one window that covers it.</param>
    /// <param name="stride">From one window to the next, 1..window; unused with one window.</param>
    public WindowAxis(int length, int window = 0, int stride = 0)
    {
        int side = window == 0 ? length : Math.Min(window, length);
        int last = length - side;
        int count = last == 0 ? 1 : ((last + stride - 1) / stride) + 1;
        Windows = [.. Enumerable.Range(0, count).Select(i => new WindowSpan(this, Math.Min(i * stride, last), side))];
        Weight = [.. Enumerable.Range(0, length).Select(place => 1f / Windows.Count(other => place >= other.Start && place < other.Start + side))];
    }

    /// <summary>The windows, from the first pixel on.</summary>
    public IReadOnlyList<WindowSpan> Windows { get; }

    /// <summary>Weight of each pixel along the side.</summary>
    public float[] Weight { get; }
}

/// <summary>One window along one side.</summary>
/// <param name="Axis">The side.</param>
/// <param name="Start">First pixel.</param>
/// <param name="Length">Pixels.</param>
public readonly record struct WindowSpan(WindowAxis Axis, int Start, int Length);
