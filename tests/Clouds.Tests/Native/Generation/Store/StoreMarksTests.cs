using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Images that show nothing, and images that show the same.</summary>
[Kind(TestKind.Fast)]
public sealed class StoreMarksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_BlackAndPlainImages_AreConstant()
    {
        RgbImage nearly = Plain(90, 91, 92);
        nearly.Pixels[0] = 255;

        Assert.Equal([MarkReason.Constant, MarkReason.Constant, MarkReason.Constant],
            Marks(new RgbImage(64, 64), Plain(200, 10, 30), nearly).Select(mark => mark.Reason));
    }

    [Fact]
    public void Of_TheSameImageOtherwiseStored_IsADuplicateOfTheEarlier()
    {
        RgbImage image = PatternPainter.Pattern("street", 96, 64);
        RgbImage brighter = new(96, 64, [.. image.Pixels.Select(value => (byte)Math.Min(255, value + 6))]);
        RgbImage jpeg = ImageFile.Decode(ImageFile.EncodeJpeg(image, 50));
        RgbImage smaller = PillowResize.Bilinear(image, 72, 48);

        IReadOnlyList<ImageMark> marks = Marks(image, brighter, jpeg, smaller, PatternPainter.Pattern("field", 96, 64));

        Assert.Equal(["1", "2", "3"], marks.Select(mark => mark.File));
        Assert.All(marks, mark => Assert.Equal((MarkReason.Duplicate, "0"), (mark.Reason, mark.Of)));
        Assert.All(marks, mark => Assert.InRange(mark.Value, 0, 5));
    }

    [Fact]
    public void Of_DifferentImages_HasNone()
        => Assert.Empty(Marks([.. Enumerable.Range(0, 60).Select(i => PatternPainter.Pattern($"{i}", 64, 64))]));

    [Fact]
    public void Print_OfAGradient_HasItsDeviation()
    {
        RgbImage image = new(256, 4, [.. Enumerable.Range(0, 256 * 4 * 3).Select(i => (byte)(i / 3 % 256))]);

        // Of 0..255, each as often: the root of (256² - 1) / 12.
        Assert.Equal(Math.Sqrt(((256 * 256) - 1) / 12.0), ImagePrint.Of(image).Deviation, 6);
    }

    [Fact]
    public void Write_ThenRead_IsTheSame()
    {
        ImageMark[] marks = [new("images/000001.png", MarkReason.Duplicate, 3, "images/000000.png"), new("images/000002.png", MarkReason.Constant, 0)];
        StoreMarks.Write(_folder.Path, marks);

        Assert.Equal(marks, StoreMarks.Read(_folder.Path));
        StoreMarks.Write(_folder.Path, []);
        Assert.Empty(StoreMarks.Read(_folder.Path));
    }

    [Fact]
    public void Read_SomethingElse_IsBadInput()
    {
        File.WriteAllText(_folder["marks.jsonl"], "no mark\n");

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => StoreMarks.Read(_folder.Path)).Failure);
    }

    private static RgbImage Plain(byte red, byte green, byte blue)
        => new(64, 64, [.. Enumerable.Repeat((byte[])[red, green, blue], 64 * 64).SelectMany(pixel => pixel)]);

    private static IReadOnlyList<ImageMark> Marks(params RgbImage[] images)
        => StoreMarks.Of([.. images.Select((image, i) => ($"{i}", ImagePrint.Of(image)))], new MarkOptions());
}
