using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

[Kind(TestKind.Fast)]
public sealed class GaussianBlurTests
{
    [Fact]
    public void Apply_OneBrightPixel_BecomesTheProductOfTwoGaussians()
    {
        RgbImage image = new(15, 13);
        image.Pixels[(3 * ((6 * 15) + 7)) + 1] = 250;
        RgbImage blurred = GaussianBlur.Apply(image, 1.15);
        double sum = Enumerable.Range(-4, 9).Sum(i => Weight(i));
        for (int y = 0; y < 13; y++)
        {
            for (int x = 0; x < 15; x++)
            {
                bool near = Math.Abs(x - 7) <= 4 && Math.Abs(y - 6) <= 4;
                double expected = near ? 250 * Weight(x - 7) * Weight(y - 6) / (sum * sum) : 0;
                Assert.Equal(expected, blurred.Pixels[(3 * ((y * 15) + x)) + 1], 0.51);
                Assert.Equal(0, blurred.Pixels[3 * ((y * 15) + x)]);
            }
        }

        static double Weight(int distance) => Math.Exp(-distance * distance / (2 * 1.15 * 1.15));
    }

    // Mirrored at its border, an image of one colour has it there too, however small it is.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    [InlineData(20, 20)]
    public void Apply_OneColour_StaysThatColour(int width, int height)
    {
        RgbImage image = new(width, height, [.. Enumerable.Repeat((byte[])[10, 130, 255], width * height).SelectMany(pixel => pixel)]);
        Assert.Equal(image.Pixels, GaussianBlur.Apply(image, 1.15).Pixels);
    }

    [Fact]
    public void Apply_NearlyNoBlur_LeavesTheImageAlone()
    {
        RgbImage image = new(4, 1, [0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 9]);
        Assert.Equal(image.Pixels, GaussianBlur.Apply(image, 0.15).Pixels);
    }
}
