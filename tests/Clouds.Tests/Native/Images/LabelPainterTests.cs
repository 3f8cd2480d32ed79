using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

[Kind(TestKind.Fast)]
public sealed class LabelPainterTests
{
    private static readonly RgbColour[] Colours = [new(200, 0, 0), new(0, 100, 50)];

    [Fact]
    public void Colours_IgnoredPixel_IsBlack() =>
        Assert.Equal([200, 0, 0, 0, 100, 50, 0, 0, 0], LabelPainter.Colours(new LabelMap(3, 1, [0, 1, 255]), Colours).Pixels);

    [Fact]
    public void Overlay_HalfOpaque_MixesAndLeavesIgnoredPixels()
    {
        RgbImage image = new(3, 1, [100, 100, 100, 100, 100, 100, 7, 8, 9]);

        RgbImage overlay = LabelPainter.Overlay(image, new LabelMap(3, 1, [0, 1, 255]), Colours, 0.5);

        Assert.Equal([150, 50, 50, 50, 100, 75, 7, 8, 9], overlay.Pixels);
        Assert.Equal(100, image.Pixels[0]);
    }

    [Fact]
    public void Overlay_Borders_AreFullColour()
    {
        RgbImage overlay = LabelPainter.Overlay(new RgbImage(4, 1), new LabelMap(4, 1, [0, 0, 1, 1]), Colours, 0, borders: true);

        Assert.Equal([0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0], overlay.Pixels);
    }
}
