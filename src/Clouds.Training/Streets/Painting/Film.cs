using System.Numerics;
using Clouds.Native.Images;

namespace Clouds.Training.Streets.Painting;

/// <summary>The picture while light and weather still work on it: display (sRGB) colours and distances in raster order.</summary>
/// <param name="width">Pixels a row.</param>
/// <param name="height">Rows.</param>
internal sealed class Film(int width, int height)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>(red, green, blue, glow) a pixel, 1 = white.</summary>
    public Vector4[] Colours { get; set; } = new Vector4[width * height];

    /// <summary>1 / metres ahead; 0 in the sky.</summary>
    public float[] Nearness { get; } = new float[width * height];

    /// <summary>Develops to 8 bits with rounding.</summary>
    public RgbImage Develop()
    {
        RgbImage image = new(Width, Height);
        byte[] pixels = image.Pixels;
        for (int i = 0; i < Colours.Length; i++)
        {
            Vector4 colour = Colours[i] * 255;
            pixels[3 * i] = (byte)(Math.Clamp(colour.X, 0, 255) + 0.5f);
            pixels[(3 * i) + 1] = (byte)(Math.Clamp(colour.Y, 0, 255) + 0.5f);
            pixels[(3 * i) + 2] = (byte)(Math.Clamp(colour.Z, 0, 255) + 0.5f);
        }

        return image;
    }
}
