using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Cli.Method.Pages;

[Kind(TestKind.Fast)]
public sealed class MethodStripTests : IDisposable
{
    private const int CellWidth = 2 * WrittenMethod.Width;
    private const int CellHeight = 2 * WrittenMethod.Height;
    private const int Line = 43;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Result_HasImageLabelsAndBothAnswersOfAStyleOfEachGroup()
    {
        string path = _folder["strip.png"];
        MethodStrip.Write(path, WrittenMethod.Write(_folder["run"], WrittenMethod.Result()));
        RgbImage strip = ImageFile.Read(path);
        Assert.Equal((4 * CellWidth) + (3 * 8), strip.Width);
        IReadOnlyList<RgbColour> colours = ClassSet.Cityscapes.Colours;
        foreach (int y in (int[])[Line + 10, Line + CellHeight + Line + 10])
        {
            // The third column of classes: as labelled, missed by both; the second: missed without the method, found with it.
            Assert.Equal([colours[2], colours[8], colours[8]], Enumerable.Range(1, 3).Select(cell => At(strip, (cell * (CellWidth + 8)) + CellWidth - 5, y)));
            Assert.Equal([colours[1], colours[8], colours[1]], Enumerable.Range(1, 3).Select(cell => At(strip, (cell * (CellWidth + 8)) + (CellWidth / 2), y)));
        }

        Assert.Equal([colours[0], colours[1]], ((int[])[5, 225]).Select(x => At(strip, x, (2 * (Line + CellHeight)) + 16 + 5)));
    }

    [Fact]
    public void Write_StyleWithoutAPicture_IsRefusedByName()
    {
        MethodFolder run = WrittenMethod.Write(_folder["run"], WrittenMethod.Result());
        CloudsException refused = Assert.Throws<CloudsException>(() => MethodStrip.Write(_folder["strip.png"], run, ["midday"]));
        Assert.Equal((Failure.BadInput, "midday"), (refused.Failure, refused.Found));
    }

    [Fact]
    public void Letters_Text_AreThoseOfTheTable()
    {
        (int X, int Y)[] squares = [.. PixelLetters.Squares("L+")];
        Assert.Equal([1, 2], squares.Where(square => square is { X: < 6, Y: 0 }).Select(square => square.X));
        Assert.Equal([6, 7, 8, 9, 10], squares.Where(square => square is { X: >= 6, Y: 3 }).Select(square => square.X));
        Assert.Equal(45, PixelLetters.Squares("雪").Count());
    }

    private static RgbColour At(RgbImage image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.Pixels.AsSpan(3 * ((y * image.Width) + x), 3);
        return new RgbColour(pixel[0], pixel[1], pixel[2]);
    }
}
