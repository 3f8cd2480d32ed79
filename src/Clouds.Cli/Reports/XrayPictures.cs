using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Cli.Reports;

/// <summary>The pictures of an x-ray, as PNG files: whole ones, and windows around a component.</summary>
internal sealed class XrayPictures(XrayScene scene)
{
    private const int Whole = 560;
    private const int Small = 132;
    private const int Margin = 12;
    private static readonly RgbColour Conflict = new(255, 0, 70);
    private static readonly RgbColour Lost = new(28, 28, 32);

    private RgbImage Image => scene.Image;

    /// <summary>The image itself.</summary>
    public byte[] Photograph() => Encode(Image, All, Whole);

    /// <summary>The label map that was given.</summary>
    public byte[] Prediction() => Encode(LabelPainter.Colours(scene.Before, scene.Colours), All, Whole);

    /// <summary>Kept components in their class's colour, dropped ones dark, over the image.</summary>
    public byte[] Components() => Encode(
        Paint((x, y) => scene.ComponentOf[At(x, y)] switch
        {
            >= 0 => Over(x, y, Class(scene.Before.Ids[At(x, y)]), 170),
            -2 => Lost,
            _ => Gray(x, y),
        }),
        All,
        Whole);

    /// <summary>All masks in their class's colours over the image, conflicts in one colour of their own.</summary>
    public byte[] Masks()
    {
        int[] owners = Owners();
        return Encode(Paint((x, y) => owners[At(x, y)] switch { -1 => Gray(x, y), -2 => Conflict, int id => Over(x, y, Class(id), 170) }), All, Whole);
    }

    /// <summary>The refined map over the image.</summary>
    public byte[] Refined() => Encode(LabelPainter.Colours(scene.Result.Map, scene.Colours), All, Whole);

    /// <summary>A class before, small.</summary>
    public byte[] ClassBefore(int id) => Encode(Paint((x, y) => scene.Before.Ids[At(x, y)] == id ? Class(id) : Lost), All, Small);

    /// <summary>A class's mask afterwards, small.</summary>
    public byte[] ClassAfter(int id)
    {
        PixelMask? mask = scene.Result.Classes.FirstOrDefault(target => target.Class == id)?.Mask;
        return Encode(Paint((x, y) => mask?.Contains(x, y) == true ? Class(id) : Lost), All, Small);
    }

    /// <summary>The part of the image that a component and its chosen mask lie in.</summary>
    public PixelWindow Window(RefinedComponent component)
    {
        (int left, int top) = (component.X, component.Y);
        (int right, int bottom) = (left + component.Width, top + component.Height);
        for (int i = 0; component.Mask is PixelMask mask && i < Image.Width * Image.Height; i++)
        {
            (int y, int x) = Math.DivRem(i, Image.Width);
            if (mask.Contains(x, y))
            {
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x + 1), Math.Max(bottom, y + 1));
            }
        }

        (left, top) = (Math.Max(0, left - Margin), Math.Max(0, top - Margin));
        return new PixelWindow(left, top, Math.Min(Image.Width, right + Margin) - left, Math.Min(Image.Height, bottom + Margin) - top);
    }

    /// <summary>A component over the image.</summary>
    public byte[] Component(RefinedComponent component, PixelWindow window) => Encode(
        Paint((x, y) => scene.ComponentOf[At(x, y)] == component.Number ? Over(x, y, Class(component.Class), 150) : Dim(x, y), window), window, Small);

    /// <summary>One of its masks over the image; where the chosen one clashes with others that is marked.</summary>
    public byte[] Mask(RefinedComponent component, int candidate, PixelWindow window) => Encode(
        Paint((x, y) => !component.Masks[candidate].Contains(x, y) ? Dim(x, y)
            : candidate == component.Chosen && IsLost(component, x, y) ? Conflict
            : Over(x, y, Class(component.MaskClass), 150), window),
        window,
        Small);

    private PixelWindow All => new(0, 0, Image.Width, Image.Height);

    private int At(int x, int y) => (y * Image.Width) + x;

    private RgbColour Class(int id) => id < scene.Colours.Count ? scene.Colours[id] : Lost;

    private bool IsLost(RefinedComponent component, int x, int y)
        => scene.Options.Overlap != OverlapRule.Keep && scene.Result.Map.Ids[At(x, y)] != component.MaskClass;

    // Class of the only mask of each pixel, −1 for none, −2 where masks clash.
    private int[] Owners()
    {
        int[] owners = new int[Image.Width * Image.Height];
        Array.Fill(owners, -1);
        foreach (RefinedComponent component in scene.Kept.Where(component => component.Mask is not null))
        {
            for (int i = 0; i < owners.Length; i++)
            {
                if (component.Mask!.Contains(i % Image.Width, i / Image.Width))
                {
                    bool clash = scene.Options.Overlap == OverlapRule.All ? owners[i] != -1 : owners[i] != -1 && owners[i] != component.MaskClass;
                    owners[i] = clash ? -2 : component.MaskClass;
                }
            }
        }

        return owners;
    }

    private RgbImage Paint(Func<int, int, RgbColour> pixel, PixelWindow? window = null)
    {
        PixelWindow part = window ?? All;
        RgbImage picture = new(Image.Width, Image.Height);
        for (int y = part.Y; y < part.Y + part.Height; y++)
        {
            for (int x = part.X; x < part.X + part.Width; x++)
            {
                RgbColour colour = pixel(x, y);
                int at = 3 * At(x, y);
                (picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]) = (colour.R, colour.G, colour.B);
            }
        }

        return picture;
    }

    private RgbColour Over(int x, int y, RgbColour colour, int share)
    {
        int at = 3 * At(x, y);
        byte Mixed(int channel, byte above) => (byte)(((Image.Pixels[at + channel] * (256 - share)) + (above * share)) >> 8);
        return new RgbColour(Mixed(0, colour.R), Mixed(1, colour.G), Mixed(2, colour.B));
    }

    private RgbColour Gray(int x, int y)
    {
        int at = 3 * At(x, y);
        byte gray = (byte)((Image.Pixels[at] + (2 * Image.Pixels[at + 1]) + Image.Pixels[at + 2]) / 8);
        return new RgbColour(gray, gray, gray);
    }

    private RgbColour Dim(int x, int y)
    {
        int at = 3 * At(x, y);
        return new RgbColour((byte)(Image.Pixels[at] / 2), (byte)(Image.Pixels[at + 1] / 2), (byte)(Image.Pixels[at + 2] / 2));
    }

    private static byte[] Encode(RgbImage picture, PixelWindow window, int longest)
    {
        RgbImage part = Cut(picture, window);
        double scale = Math.Min(1, (double)longest / Math.Max(part.Width, part.Height));
        (int width, int height) = (Math.Max(1, (int)(part.Width * scale)), Math.Max(1, (int)(part.Height * scale)));
        return ImageFile.EncodePng(scale < 1 ? PillowResize.Bilinear(part, width, height) : part);
    }

    private static RgbImage Cut(RgbImage picture, PixelWindow window)
    {
        RgbImage part = new(window.Width, window.Height);
        for (int y = 0; y < window.Height; y++)
        {
            picture.Pixels.AsSpan(3 * (((window.Y + y) * picture.Width) + window.X), 3 * window.Width).CopyTo(part.Pixels.AsSpan(3 * y * window.Width));
        }

        return part;
    }
}
