using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>A frame that an image has to fill: what networks of one input size learn from.</summary>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public sealed record ImageFrame(int Width, int Height)
{
    /// <summary>A crop at the image's own scale; an image that is smaller is enlarged first, as little as fills the frame.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="random">Draws the place; null: the middle.</param>
    public RgbImage Crop(RgbImage image, RandomStream? random) =>
        Cut(image.Width >= Width && image.Height >= Height ? image : Cover(image), random);

    /// <summary>The image at the scale at which it just fills the frame, and what of it lies inside.</summary>
    /// <param name="image">Any size.</param>
    /// <param name="random">Draws the place on the side that is too long; null: the middle.</param>
    public RgbImage Fill(RgbImage image, RandomStream? random) => Cut(Cover(image), random);

    private RgbImage Cover(RgbImage image)
    {
        double scale = Math.Max((double)Width / image.Width, (double)Height / image.Height);
        int width = Math.Max(Width, (int)Math.Round(image.Width * scale)), height = Math.Max(Height, (int)Math.Round(image.Height * scale));
        return (width, height) == (image.Width, image.Height) ? image : PillowResize.Bilinear(image, width, height);
    }

    private RgbImage Cut(RgbImage image, RandomStream? random)
    {
        int x = random?.NextInt32(image.Width - Width + 1) ?? (image.Width - Width) / 2;
        int y = random?.NextInt32(image.Height - Height + 1) ?? (image.Height - Height) / 2;
        if ((image.Width, image.Height) == (Width, Height))
        {
            return image;
        }

        RgbImage cut = new(Width, Height);
        for (int row = 0; row < Height; row++)
        {
            image.Pixels.AsSpan(3 * (((y + row) * image.Width) + x), 3 * Width).CopyTo(cut.Pixels.AsSpan(3 * row * Width));
        }

        return cut;
    }
}
