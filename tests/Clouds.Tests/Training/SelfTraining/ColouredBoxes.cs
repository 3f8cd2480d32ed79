using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>Images of three classes, each of one colour in one domain, with pixels that nobody labelled.</summary>
/// <param name="count">Images.</param>
/// <param name="domain">Other domains have other colours and other boxes.</param>
/// <param name="width">Pixels.</param>
/// <param name="height">Pixels.</param>
internal sealed class ColouredBoxes(int count, ulong domain, int width = 96, int height = 64) : IDataset
{
    private const int Boxes = 5;

    public string Name => $"boxes {domain}";

    public int Count => count;

    public ClassSet Classes { get; } = new(["a", "b", "c"], [new(255, 0, 0), new(0, 255, 0), new(0, 0, 255)]);

    public RgbImage LoadImage(int index) => Load(index).Image;

    public Sample Load(int index)
    {
        RandomStream random = new(domain, "boxes", index);
        (RgbImage image, LabelMap labels) = (new RgbImage(width, height), new LabelMap(width, height));
        Array.Fill(labels.Ids, LabelMap.Ignore);
        for (int box = 0; box < Boxes; box++)
        {
            Paint(image, labels, random, random.NextInt32(3));
        }

        return new Sample(image, labels, $"{index}");
    }

    private void Paint(RgbImage image, LabelMap labels, RandomStream random, int id)
    {
        (int x0, int y0) = (random.NextInt32(width), random.NextInt32(height));
        (int x1, int y1) = (Math.Min(width, x0 + 10 + random.NextInt32(40)), Math.Min(height, y0 + 10 + random.NextInt32(30)));
        for (int y = y0; y < y1; y++)
        {
            for (int x = x0; x < x1; x++)
            {
                int pixel = (y * width) + x;
                labels.Ids[pixel] = (ushort)id;
                image.Pixels[(3 * pixel) + ((id + (int)domain) % 3)] = (byte)(200 + random.NextInt32(50));
            }
        }
    }
}
