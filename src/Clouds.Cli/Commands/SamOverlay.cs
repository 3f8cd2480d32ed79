using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;

namespace Clouds.Cli.Commands;

/// <summary>The picture of an image's masks: each in a colour of its own over the image, small ones above large ones; points and boxes on top.</summary>
/// <param name="image">The image.</param>
internal sealed class SamOverlay(RgbImage image)
{
    private const ushort NoMask = ushort.MaxValue;
    private static readonly RgbColour Inside = new(60, 230, 90);
    private static readonly RgbColour Outside = new(255, 60, 60);

    private readonly List<PixelMask> _masks = [];

    /// <summary>Adds a mask: that of the next prompt, where there are prompts.</summary>
    public void Add(PixelMask mask) => _masks.Add(mask);

    /// <summary>Paints it.</summary>
    /// <param name="prompts">Prompts of the masks, or none.</param>
    public RgbImage Paint(IReadOnlyList<SamPrompt> prompts)
    {
        RgbColour[] colours = [.. Enumerable.Range(0, _masks.Count).Select(RefineClasses.Colour)];
        RgbImage picture = LabelPainter.Overlay(image, Map(), colours, borders: true);
        for (int i = 0; i < prompts.Count; i++)
        {
            if (prompts[i].Box is PromptBox box)
            {
                Outline(picture, box, colours[i]);
            }

            prompts[i].Points.ToList().ForEach(point => Mark(picture, point));
        }

        return picture;
    }

    private LabelMap Map()
    {
        LabelMap map = new(image.Width, image.Height);
        Array.Fill(map.Ids, NoMask);
        foreach (int mask in Enumerable.Range(0, _masks.Count).OrderByDescending(i => _masks[i].Area))
        {
            for (int i = 0; i < map.Ids.Length; i++)
            {
                map.Ids[i] = _masks[mask].Contains(i % map.Width, i / map.Width) ? (ushort)mask : map.Ids[i];
            }
        }

        return map;
    }

    private static void Outline(RgbImage picture, PromptBox box, RgbColour colour)
    {
        (int left, int top, int right, int bottom) = ((int)box.Left, (int)box.Top, (int)MathF.Ceiling(box.Right) - 1, (int)MathF.Ceiling(box.Bottom) - 1);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x += y == top || y == bottom ? 1 : Math.Max(1, right - left))
            {
                Set(picture, x, y, colour);
            }
        }
    }

    // A disc that is seen at the size of the image.
    private static void Mark(RgbImage picture, PromptPoint point)
    {
        int radius = Math.Max(1, Math.Max(picture.Width, picture.Height) / 200);
        for (int y = -radius; y <= radius; y++)
        {
            for (int x = -radius; x <= radius; x++)
            {
                if ((x * x) + (y * y) <= radius * radius)
                {
                    Set(picture, (int)point.X + x, (int)point.Y + y, point.Inside ? Inside : Outside);
                }
            }
        }
    }

    private static void Set(RgbImage picture, int x, int y, RgbColour colour)
    {
        if (x >= 0 && y >= 0 && x < picture.Width && y < picture.Height)
        {
            int i = 3 * ((y * picture.Width) + x);
            (picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]) = (colour.R, colour.G, colour.B);
        }
    }
}
