namespace Clouds.Runtime.Kernels;

/// <summary>
/// One axis of two bilinear resizes in a row (align_corners = false), in single precision as the library resampler of the reference works:
/// position max(0, scale · (i + 0.5) − 0.5) with scale = source / target in float, weights 1 − f and f. Output i lies between two frame
/// pixels, each of which lies between two logits.
/// </summary>
internal sealed class TwoStageAxis
{
    /// <summary>Tables of an axis.</summary>
    /// <param name="mask">Logits along the axis.</param>
    /// <param name="frame">Frame pixels the logits are enlarged to.</param>
    /// <param name="input">Frame pixels of the cropped part.</param>
    /// <param name="output">Output pixels.</param>
    /// <param name="block">The tables are filled up to a multiple of this with repetitions of the last output.</param>
    public TwoStageAxis(int mask, int frame, int input, int output, int block)
    {
        int length = (output + block - 1) / block * block;
        (NearWeight, FarWeight) = (new float[length], new float[length]);
        (Near, Far) = (new FrameTap[length], new FrameTap[length]);
        FrameTap[] taps = [.. Enumerable.Range(0, input).Select(i => Tap(i, mask, frame))];
        for (int i = 0; i < length; i++)
        {
            FrameTap tap = Tap(Math.Min(i, output - 1), input, output);
            (NearWeight[i], FarWeight[i]) = (tap.FirstWeight, tap.SecondWeight);
            (Near[i], Far[i]) = (taps[tap.First], taps[tap.Second]);
        }
    }

    /// <summary>Weight of the near frame pixel, by output.</summary>
    public float[] NearWeight { get; }

    /// <summary>Weight of the far frame pixel, by output.</summary>
    public float[] FarWeight { get; }

    /// <summary>The near frame pixel's logits.</summary>
    public FrameTap[] Near { get; }

    /// <summary>The far frame pixel's logits.</summary>
    public FrameTap[] Far { get; }

    private static FrameTap Tap(int i, int source, int target)
    {
        float scale = (float)source / target;
        float position = (scale * (i + 0.5f)) - 0.5f;
        position = position < 0 ? 0 : position;
        int first = Math.Min((int)position, source - 1);
        float fraction = position - first;
        return new FrameTap(i, first, first + (first < source - 1 ? 1 : 0), 1f - fraction, fraction);
    }
}

/// <summary>A pixel between two of a coarser axis.</summary>
/// <param name="Index">Its own index.</param>
/// <param name="First">Lower neighbour.</param>
/// <param name="Second">Upper neighbour.</param>
/// <param name="FirstWeight">Weight of the lower one.</param>
/// <param name="SecondWeight">Weight of the upper one.</param>
internal readonly record struct FrameTap(int Index, int First, int Second, float FirstWeight, float SecondWeight);
