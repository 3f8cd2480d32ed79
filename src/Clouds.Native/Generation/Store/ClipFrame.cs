using Clouds.Models.Encoders;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>An image as CLIP looks at it (Radford et al. 2021, code): resized by a bicubic filter until it just covers the frame, its middle cut out.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
internal readonly record struct ClipFrame(int Width, int Height)
{
    private static readonly Normalisation Colours = new(ColourStatistics.Clip.Mean, ColourStatistics.Clip.Deviation);

    /// <summary>Writes planes R, G, B, normalised: 3 · Height · Width floats.</summary>
    public void Write(RgbImage image, Span<float> planes) => Colours.Write(Cut(image), planes, Width, Height);

    /// <summary>What is in the frame.</summary>
    public RgbImage Cut(RgbImage image)
    {
        bool byWidth = (long)Width * image.Height >= (long)Height * image.Width;
        RgbImage cover = byWidth
            ? PillowBicubic.Resize(image, Width, (int)((long)Width * image.Height / image.Width))
            : PillowBicubic.Resize(image, (int)((long)Height * image.Width / image.Height), Height);
        RgbImage middle = new(Width, Height);
        (int left, int top) = (Half(cover.Width - Width), Half(cover.Height - Height));
        for (int y = 0; y < Height; y++)
        {
            cover.Pixels.AsSpan(3 * (((top + y) * cover.Width) + left), 3 * Width).CopyTo(middle.Pixels.AsSpan(3 * y * Width));
        }

        return middle;
    }

    // torchvision rounds halves to even numbers.
    private static int Half(int pixels) => (int)Math.Round(pixels / 2.0, MidpointRounding.ToEven);
}
