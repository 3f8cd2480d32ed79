using System.Security.Cryptography;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

/// <summary>Bicubic resizing against Pillow 9.4 itself, and against sums in double precision.</summary>
[Kind(TestKind.Fast)]
public sealed class PillowBicubicTests
{
    [Fact]
    public void Resize_AStepToTwiceItsWidth_HasTheCubicsWeightsWithinTheImage()
    {
        RgbImage image = new(2, 1, [0, 0, 0, 255, 255, 255]);
        (double near, double far) = (Keys(0.25), Keys(0.75));
        int up = (int)Math.Round(255 * far / (near + far)), down = (int)Math.Round(255 * near / (near + far));

        // The outermost leave 0..255, as the weight at 1.25 is below 0.
        Assert.Equal([0, up, down, 255], PillowBicubic.Resize(image, 4, 1).Pixels.Where((_, i) => i % 3 == 0).Select(level => (int)level));
        Assert.True(Keys(1.25) < 0);
    }

    [Theory]
    [InlineData(5, 9)]
    [InlineData(40, 3)]
    [InlineData(17, 23)]
    public void Resize_OneColour_StaysThatColour(int width, int height)
    {
        RgbImage image = new(17, 23, [.. Enumerable.Repeat((byte)201, 3 * 17 * 23)]);

        Assert.All(PillowBicubic.Resize(image, width, height).Pixels, level => Assert.Equal(201, level));
    }

    // SHA-256 of Image.frombytes("RGB", size, pixels).resize(to, BICUBIC).tobytes().
    [Theory]
    [InlineData(13, 11, 29, 7, "6b81bd0e30ae863516bcbf17617546e7f98d327a47bfa64c2851b2abfa93711e")]
    [InlineData(64, 48, 20, 31, "7f500fd6287318c0cc77c7758680dbdfdb84a483f4bdae5ace310fa260592ed3")]
    [InlineData(50, 3, 50, 17, "e9d63d4a9c97649e833c121377800a2c259ec7342d04496da364074919f263bd")]
    [InlineData(7, 90, 40, 12, "8195b43097d8a0e64f7baf71245aa72b1beb5d2024ca15009e05a72271ca5407")]
    public void Resize_AnyImage_HasPillowsBits(int width, int height, int toWidth, int toHeight, string sha256)
    {
        RgbImage image = new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (long)i)
            .Select(i => ((i * i * 31) + (7 * i)) % 11 < 3 ? (byte)255 : (byte)((i * 37) + (i * i / 5)))]);

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(PillowBicubic.Resize(image, toWidth, toHeight).Pixels)));
    }

    [Fact]
    public void Resize_ToAThird_IsTheWidenedCubicOfBothAxes()
    {
        RgbImage image = Pictures.Noise(12, 9);
        RgbImage small = PillowBicubic.Resize(image, 4, 3);
        for (int i = 0; i < small.Pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, 4);
            double sum = 0, all = 0;
            for (int j = 0; j < 12 * 9; j++)
            {
                double weight = Keys((j / 12) + 0.5 - (3 * (y + 0.5)), 3) * Keys((j % 12) + 0.5 - (3 * (x + 0.5)), 3);
                (sum, all) = (sum + (weight * image.Pixels[(3 * j) + (i % 3)]), all + weight);
            }

            Assert.InRange(small.Pixels[i], Math.Clamp(sum / all, 0, 255) - 1.2, Math.Clamp(sum / all, 0, 255) + 1.2);
        }
    }

    private static double Keys(double distance, double stretch = 1)
    {
        double x = Math.Abs(distance) / stretch;
        return x < 1 ? (1.5 * x * x * x) - (2.5 * x * x) + 1 : x < 2 ? (-0.5 * x * x * x) + (2.5 * x * x) - (4 * x) + 2 : 0;
    }
}
