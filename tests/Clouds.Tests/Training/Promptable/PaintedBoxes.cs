using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Promptable;

namespace Clouds.Tests.Training.Promptable;

/// <summary>Images of bright boxes on a dark ground, with a mask for each box, as fast as a test wants them.</summary>
internal sealed class PaintedBoxes(int count = 12, int width = 40, int height = 28, int boxes = 3) : IMaskedImages
{
    public string Name => "painted boxes";

    public int Count => count;

    public MaskedImage Load(int index)
    {
        RandomStream random = new(5, "painted boxes", index);
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)random.NextInt32(60);
        }

        return new MaskedImage(image, [.. Enumerable.Range(0, boxes).Select(box => Paint(image, random, box))]);
    }

    // Each box has a third of the image's columns.
    private ImageMask Paint(RgbImage image, RandomStream random, int box)
    {
        int room = width / boxes;
        (int columns, int rows) = ((room / 2) + random.NextInt32(room / 3), (height / 3) + random.NextInt32(height / 3));
        (int left, int top) = ((box * room) + random.NextInt32(room - columns), random.NextInt32(height - rows));
        for (int i = 0; i < columns * rows; i++)
        {
            int first = 3 * (((top + (i / columns)) * width) + left + (i % columns));
            image.Pixels.AsSpan(first, 3).Fill(180);
            image.Pixels[first + (box % 3)] = 255;
        }

        return new ImageMask(left, top, columns, [.. Enumerable.Repeat(true, columns * rows)]);
    }
}
