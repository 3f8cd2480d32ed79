using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

[Kind(TestKind.Fast)]
public sealed class ResizeTests
{
    [Fact]
    public void Bilinear_GoldenCases_HaveThePillowsBits() =>
        Assert.All(Golden(), golden => Assert.Equal(golden.Bilinear, PillowResize.Bilinear(golden.Source, golden.Width, golden.Height).Pixels));

    [Fact]
    public void NearestPillow_GoldenCases_HaveThePillowsBits()
    {
        Assert.All(Golden(), golden =>
        {
            LabelMap red = new(golden.Source.Width, golden.Source.Height, [.. golden.Source.Pixels.Where((_, i) => i % 3 == 0)]);
            Assert.Equal(golden.Nearest, NearestResize.Pillow(red, golden.Width, golden.Height).Ids.Select(id => (byte)id));
        });
    }

    [Theory]
    [InlineData(50, 40, 91, 77)]
    [InlineData(50, 40, 23, 19)]
    [InlineData(50, 40, 50, 19)]
    [InlineData(50, 40, 23, 40)]
    [InlineData(50, 40, 50, 40)]
    public void Bilinear_Window_IsTheSamePartOfTheWhole(int width, int height, int newWidth, int newHeight)
    {
        RgbImage image = Pictures.Noise(width, height);
        RgbImage whole = PillowResize.Bilinear(image, newWidth, newHeight);
        foreach (PixelWindow window in (PixelWindow[])[
            new(0, 0, newWidth, newHeight), new(3, 2, 17, 9), new(newWidth - 1, newHeight - 1, 1, 1), new(0, 5, newWidth, 3)])
        {
            RgbImage part = PillowResize.Bilinear(image, newWidth, newHeight, window);

            Assert.Equal((window.Width, window.Height), (part.Width, part.Height));
            for (int y = 0; y < window.Height; y++)
            {
                Assert.Equal(
                    whole.Pixels.AsSpan(3 * (((window.Y + y) * newWidth) + window.X), 3 * window.Width),
                    part.Pixels.AsSpan(3 * y * window.Width, 3 * window.Width));
            }
        }
    }

    [Fact]
    public void Bilinear_WindowOutside_IsRefused() =>
        Assert.Throws<ArgumentException>(() => PillowResize.Bilinear(Pictures.Noise(5, 5), 10, 10, new PixelWindow(5, 5, 6, 2)));

    [Fact]
    public void NearestTorch_Doubling_RepeatsAndHalving_TakesTheFirst()
    {
        LabelMap row = new(4, 1, [10, 11, 12, 13]);

        Assert.Equal([10, 10, 11, 11, 12, 12, 13, 13], NearestResize.Torch(row, 8, 1).Ids);
        Assert.Equal([10, 12], NearestResize.Torch(row, 2, 1).Ids);
        Assert.Equal([11, 13], NearestResize.Pillow(row, 2, 1).Ids);
        Assert.Equal([10, 11, 12], NearestResize.Torch(row, 3, 1).Ids);
    }

    private static IEnumerable<(RgbImage Source, int Width, int Height, byte[] Bilinear, byte[] Nearest)> Golden()
    {
        using BinaryReader reader = new(File.OpenRead(Path.Combine(Repository.Root, "tests", "golden", "pillow", "resize.bin")));
        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            (int w, int h, int width, int height) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            RgbImage source = new(w, h, reader.ReadBytes(3 * w * h));
            yield return (source, width, height, reader.ReadBytes(3 * width * height), reader.ReadBytes(width * height));
        }
    }
}
