using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

/// <summary>Images of several shapes in one frame.</summary>
[Kind(TestKind.Fast)]
public sealed class ImageFrameTests
{
    private static readonly ImageFrame Frame = new(6, 4);

    [Fact]
    public void Crop_LargerImage_CutsTheMiddleAtItsScale()
    {
        RgbImage image = Pictures.Noise(10, 8), crop = Frame.Crop(image, random: null);
        Assert.Equal((6, 4), (crop.Width, crop.Height));
        for (int i = 0; i < crop.Pixels.Length; i++)
        {
            (int x, int y) = (i / 3 % 6, i / 18);
            Assert.Equal(image.Pixels[(3 * (((y + 2) * 10) + x + 2)) + (i % 3)], crop.Pixels[i]);
        }
    }

    [Fact]
    public void Crop_DrawnPlaces_ReachEveryCorner()
    {
        RgbImage image = new(7, 5);
        for (int i = 0; i < 35; i++)
        {
            image.Pixels[3 * i] = (byte)i;
        }

        RandomStream random = new(1, "places");
        Assert.Equal([0, 1, 7, 8], Enumerable.Range(0, 60).Select(_ => (int)Frame.Crop(image, random).Pixels[0]).Distinct().Order());
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(3, 9)]
    [InlineData(20, 2)]
    [InlineData(24, 16)]
    [InlineData(6, 4)]
    [InlineData(1, 1)]
    public void Fill_AnyImage_GivesTheFrame(int width, int height)
    {
        RgbImage filled = Frame.Fill(Pictures.Noise(width, height), new RandomStream(1, "places"));
        RgbImage cut = Frame.Crop(Pictures.Noise(width, height), random: null);
        Assert.Equal((6, 4, 6, 4), (filled.Width, filled.Height, cut.Width, cut.Height));
    }

    [Fact]
    public void Fill_ImageOfTheFramesShape_IsResizedAsAWhole() =>
        Assert.Equal(PillowResize.Bilinear(Pictures.Gradient(24, 16), 6, 4).Pixels, Frame.Fill(Pictures.Gradient(24, 16), random: null).Pixels);
}
