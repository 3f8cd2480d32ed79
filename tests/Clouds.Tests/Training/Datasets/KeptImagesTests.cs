using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

/// <summary>Images that are asked for once.</summary>
[Kind(TestKind.Fast)]
public sealed class KeptImagesTests
{
    [Fact]
    public void Set_SeveralEpochs_IsAskedOnceForWhatThereIsRoomFor()
    {
        Counting set = new();
        KeptImages kept = new(set, 2 * 3 * 4 * 4);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            for (int i = 0; i < set.Count; i++)
            {
                Assert.Equal(i, kept.LoadImage(i).Pixels[0]);
                Assert.Equal($"caption {i}", kept.Caption(i));
            }
        }

        Assert.Equal([1, 1, 3], set.Loads);
        Assert.Equal(3, set.Captions);
    }

    private sealed class Counting : ICaptionedImages
    {
        public int[] Loads { get; } = new int[3];

        public int Captions { get; private set; }

        public string Name => "counting";

        public int Count => 3;

        public RgbImage LoadImage(int index)
        {
            Loads[index]++;
            RgbImage image = new(4, 4);
            image.Pixels.AsSpan().Fill((byte)index);
            return image;
        }

        public string Caption(int index)
        {
            Captions++;
            return $"caption {index}";
        }
    }
}
