using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>Keeps the masks of a part of an image that are good enough.</summary>
/// <param name="width">Columns of the image.</param>
/// <param name="height">Rows of the image.</param>
/// <param name="window">The part.</param>
/// <param name="options">What is good enough.</param>
/// <param name="threads">0 = one a processor.</param>
internal sealed class MaskSieve(int width, int height, PixelWindow window, EverythingOptions options, int threads)
{
    // What ends so near to the border of a part is cut off there, unless the image ends too.
    private const int NearBorder = 20;

    private readonly float[] _logits = new float[window.Width * window.Height];
    private readonly uint[] _plane = new uint[PixelMask.Words(width) * height];

    /// <summary>The mask as it is found; null: not good enough.</summary>
    /// <param name="mask">A mask of the part.</param>
    /// <param name="point">The point that was asked for, in pixels of the part.</param>
    public FoundMask? Keep(ObjectMask mask, PromptPoint point)
    {
        if (!(mask.Score > options.LeastScore))
        {
            return null;
        }

        MaskResize.Run(mask.Geometry, mask.LowResolution, _logits, threads);
        float stability = Stability();
        if (!(stability >= options.LeastStability))
        {
            return null;
        }

        PromptBox box = Draw();
        return IsCut(box) ? null : new FoundMask
        {
            Mask = PixelMask.Of(_plane, width, height),
            Score = mask.Score,
            Stability = stability,
            Box = box,
            Point = new PromptPoint(point.X + window.X, point.Y + window.Y),
            Crop = window,
        };
    }

    // Pixels inside with a higher threshold, of those inside with a lower one.
    private float Stability()
    {
        (int sure, int possible) = (0, 0);
        foreach (float logit in _logits)
        {
            sure += logit > options.StabilityOffset ? 1 : 0;
            possible += logit > -options.StabilityOffset ? 1 : 0;
        }

        return possible == 0 ? 0 : (float)sure / possible;
    }

    // Sets the bits of the image's plane and returns their box; an empty mask has a box of zeros.
    private PromptBox Draw()
    {
        Array.Clear(_plane);
        (int left, int top, int right, int bottom) = (int.MaxValue, int.MaxValue, -1, -1);
        for (int i = 0; i < _logits.Length; i++)
        {
            if (_logits[i] > 0)
            {
                (int y, int x) = (window.Y + (i / window.Width), window.X + (i % window.Width));
                _plane[(y * PixelMask.Words(width)) + (x / 32)] |= 1u << (x % 32);
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            }
        }

        return right < 0 ? default : new PromptBox(left, top, right, bottom);
    }

    private bool IsCut(PromptBox box) =>
        IsCut(box.Left, window.X, 0) || IsCut(box.Top, window.Y, 0)
        || IsCut(box.Right, window.X + window.Width, width) || IsCut(box.Bottom, window.Y + window.Height, height);

    private static bool IsCut(float side, int border, int end) => Math.Abs(side - border) <= NearBorder && !(Math.Abs(side - end) <= NearBorder);
}
