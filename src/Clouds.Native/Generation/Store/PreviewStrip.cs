using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>The way of an image out of the noise as a line of small pictures, the image itself last.</summary>
internal sealed class PreviewStrip
{
    private const int Most = 8;

    private readonly List<RgbImage> _pictures = [];
    private int _stride = 1;
    private int _seen;

    /// <summary>Takes a picture; where there are too many, every other one is left out.</summary>
    public void Add(RgbImage picture)
    {
        if (_seen++ % _stride == 0)
        {
            _pictures.Add(picture);
        }

        if (_pictures.Count > Most)
        {
            RgbImage[] kept = [.. _pictures.Where((_, i) => i % 2 == 0)];
            _pictures.Clear();
            _pictures.AddRange(kept);
            _stride *= 2;
        }
    }

    /// <summary>Writes them; nothing where there is none.</summary>
    public void Write(string path, RgbImage image)
    {
        if (_pictures.Count > 0)
        {
            (int width, int height) = (_pictures[0].Width, _pictures[0].Height);
            ImageFile.WritePng(path, Row([.. _pictures, PillowResize.Bilinear(image, width, height)], width, height));
        }
    }

    private static RgbImage Row(RgbImage[] pictures, int width, int height)
    {
        RgbImage row = new(width * pictures.Length, height);
        for (int i = 0; i < pictures.Length; i++)
        {
            for (int y = 0; y < height; y++)
            {
                pictures[i].Pixels.AsSpan(3 * y * width, 3 * width).CopyTo(row.Pixels.AsSpan(3 * ((y * pictures.Length) + i) * width));
            }
        }

        return row;
    }
}
