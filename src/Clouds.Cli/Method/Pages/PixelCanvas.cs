using Clouds.Native.Images;

namespace Clouds.Cli.Method.Pages;

/// <summary>A white picture onto which others, boxes and words are put; what does not fit is cut off.</summary>
internal sealed class PixelCanvas
{
    private static readonly RgbColour Ink = new(27, 31, 36);

    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    public PixelCanvas(int width, int height)
    {
        Picture = new RgbImage(width, height);
        Array.Fill(Picture.Pixels, byte.MaxValue);
    }

    /// <summary>What is there so far.</summary>
    public RgbImage Picture { get; }

    /// <summary>Puts a picture with its upper left corner at a place.</summary>
    public void Put(RgbImage image, int x, int y)
    {
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            ReadOnlySpan<byte> pixel = image.Pixels.AsSpan(3 * i, 3);
            Set(x + (i % image.Width), y + (i / image.Width), new RgbColour(pixel[0], pixel[1], pixel[2]));
        }
    }

    /// <summary>Fills a box.</summary>
    public void Fill(int x, int y, int width, int height, RgbColour colour)
    {
        for (int i = 0; i < width * height; i++)
        {
            Set(x + (i % width), y + (i / width), colour);
        }
    }

    /// <summary>Writes words, each of their squares so many pixels wide.</summary>
    public void Write(string text, int x, int y, int scale)
    {
        foreach ((int column, int row) in PixelLetters.Squares(text))
        {
            Fill(x + (column * scale), y + (row * scale), scale, scale, Ink);
        }
    }

    private void Set(int x, int y, RgbColour colour)
    {
        if (x >= 0 && y >= 0 && x < Picture.Width && y < Picture.Height)
        {
            int at = 3 * ((y * Picture.Width) + x);
            (Picture.Pixels[at], Picture.Pixels[at + 1], Picture.Pixels[at + 2]) = (colour.R, colour.G, colour.B);
        }
    }
}
