using Clouds.Native.Images;

namespace Clouds.Native.Sam;

/// <summary>Parts of an image that are looked at one by one, and the points that are asked for in each.</summary>
internal static class CropGrid
{
    /// <summary>The whole image, then in each layer overlapping parts, column by column.</summary>
    /// <returns>Parts with their layer.</returns>
    public static IEnumerable<(PixelWindow Window, int Layer)> Windows(int width, int height, EverythingOptions options)
    {
        yield return (new PixelWindow(0, 0, width, height), 0);
        for (int layer = 1; layer <= options.CropLayers; layer++)
        {
            int side = 1 << layer;
            int overlap = (int)(options.CropOverlap * Math.Min(width, height) * (2.0 / side));
            (int cropWidth, int cropHeight) = (Length(width, side, overlap), Length(height, side, overlap));
            for (int x = 0; x < side; x++)
            {
                for (int y = 0; y < side; y++)
                {
                    (int left, int top) = ((cropWidth - overlap) * x, (cropHeight - overlap) * y);
                    PixelWindow window = new PixelWindow(left, top, cropWidth, cropHeight).On(width, height);
                    if (window.Width > 0 && window.Height > 0)
                    {
                        yield return (window, layer);
                    }
                }
            }
        }
    }

    /// <summary>Points of a part, row by row: centres of equal cells.</summary>
    public static IEnumerable<PromptPoint> Points(PixelWindow window, int layer, EverythingOptions options)
    {
        int side = Math.Max(1, (int)(options.PointsPerSide / Math.Pow(options.CropPointDivisor, layer)));
        for (int i = 0; i < side * side; i++)
        {
            yield return new PromptPoint((float)(((i % side) + 0.5) / side * window.Width), (float)(((i / side) + 0.5) / side * window.Height));
        }
    }

    /// <summary>A part's pixels.</summary>
    public static RgbImage Cut(RgbImage image, PixelWindow window)
    {
        if (window.Width == image.Width && window.Height == image.Height)
        {
            return image;
        }

        RgbImage part = new(window.Width, window.Height);
        for (int y = 0; y < window.Height; y++)
        {
            image.Pixels.AsSpan(3 * (((window.Y + y) * image.Width) + window.X), 3 * window.Width).CopyTo(part.Pixels.AsSpan(3 * y * window.Width));
        }

        return part;
    }

    private static int Length(int whole, int side, int overlap) => (int)Math.Ceiling(((overlap * (side - 1)) + whole) / (double)side);
}
