using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>Every kind of look is held against single looks, which the caller makes and averages by himself.</summary>
[Kind(TestKind.Fast)]
public sealed class TestTimeViewsTests
{
    private const int Classes = 19;

    // Four roundings of scores below 4.
    private const double Tolerance = 2e-6;

    private static readonly RgbImage Image = Pictures.Noise(150, 100);

    [Fact]
    public void Flip_Scores_AreTheMeanOfTheImageAndItsMirror()
    {
        float[] plain = Single(Image), mirrored = Single(Mirror(Image));
        float[] expected = [.. plain.Select((score, i) => (score + mirrored[(i / 150 * 150) + 149 - (i % 150)]) / 2)];
        AssertLooks(expected, Image, new TestTimeViews { Flip = true });
    }

    // 75 x 50, 150 x 100 and 225 x 150 pixels, each answered at the image's size.
    [Fact]
    public void Scales_Scores_AreTheMeanOverTheSizes()
    {
        float[][] looks = [.. new[] { 50, 100, 150 }.Select(side => Single(Image, side))];
        float[] expected = [.. Enumerable.Range(0, looks[0].Length).Select(i => (looks[0][i] + looks[1][i] + looks[2][i]) / 3)];
        AssertLooks(expected, Image, new TestTimeViews { Scales = [0.5, 1, 1.5] });
    }

    [Theory]
    [InlineData(64, 48)]
    [InlineData(64, 0)]
    public void Window_Scores_AreTheMeanOfTheCutsAtEachPixel(int window, int stride)
    {
        int step = stride == 0 ? 42 : stride;
        double[] sum = new double[Classes * 150 * 100];
        int[] count = new int[150 * 100];
        foreach (int top in Starts(100))
        {
            foreach (int left in Starts(150))
            {
                float[] scores = Single(Cut(Image, left, top, window));
                for (int i = 0; i < scores.Length; i++)
                {
                    int to = ((top + (i / window % window)) * 150) + left + (i % window);
                    sum[(i / window / window * 15000) + to] += scores[i];
                    count[to] += i < window * window ? 1 : 0;
                }
            }
        }

        AssertLooks([.. sum.Select((score, i) => (float)(score / count[i % 15000]))], Image, new TestTimeViews { Window = window, Stride = stride });

        int[] Starts(int length) => [.. Enumerable.Range(0, 100).Select(i => i * step).TakeWhile(start => start < length - window).Append(length - window)];
    }

    // At half the size, in windows, from both sides: put together at that size, then resized.
    [Fact]
    public void Window_AtAnotherSizeAndMirrored_IsResizedAsAWhole()
    {
        TestTimeViews views = new() { Scales = [0.5], Flip = true, Window = 40, Stride = 30 };
        RgbImage half = PillowResize.Bilinear(Image, 75, 50);
        TestTimeViews windows = new() { Window = 40, Stride = 30 };
        float[] small = Looks(half, windows).Scores!, other = Looks(Mirror(half), windows).Scores!;
        ScoreShape whole = new(Classes, 100, 150), of = new(Classes, 50, 75);
        float[] expected = new float[Classes * 15000];
        ScoreSum.AddResized(expected, whole, small, of, mirrored: false);
        ScoreSum.AddResized(expected, whole, other, of, mirrored: true);
        AssertLooks([.. expected.Select(score => score / 2)], Image, views);
    }

    [Fact]
    public void Window_LargerThanTheImage_IsTheImage() => AssertLooks(Single(Image), Image, new TestTimeViews { Window = 200 });

    [Fact]
    public void Segment_SameImageAgainAndInOtherCalls_GivesTheSameBits()
    {
        TestTimeViews views = new() { Scales = [0.5, 1], Flip = true, Window = 64, Stride = 48 };
        using Segmenter segmenter = Open(views, null);
        SegmentationResult first = segmenter.Segment(Image, withScores: true);
        segmenter.Segment(Pictures.Noise(97, 61, 4));
        SegmentationResult again = segmenter.Segment(Image, withScores: true);
        Assert.Equal(first.Scores, again.Scores);
        Assert.Equal(first.Labels, segmenter.SegmentAll([Image, Image]).Last().Labels);
        ushort[] labels = new ushort[15000];
        float[] scores = new float[Classes * 15000];
        segmenter.Segment(Image.Pixels, 150, 100, labels, scores);
        Assert.Equal(first.Labels, labels);
        Assert.Equal(first.Scores, scores);
        Assert.Null(segmenter.Segment(Image).Scores);
    }

    public static TheoryData<string, TestTimeViews> Wrong => new()
    {
        { "Views.Scales", new TestTimeViews { Scales = [] } },
        { "Views.Scales", new TestTimeViews { Scales = [1, 0] } },
        { "Views.Scales", new TestTimeViews { Scales = [double.NaN] } },
        { "Views.Scales", new TestTimeViews { Scales = [8.5] } },
        { "Views.Window", new TestTimeViews { Window = 31 } },
        { "Views.Stride", new TestTimeViews { Window = 64, Stride = 65 } },
        { "Views.Stride", new TestTimeViews { Stride = 1 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Load_ViewsOutOfRange_NamesTheMember(string member, TestTimeViews views)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Open(views, null));
        Assert.Equal((Failure.Usage, $"SegmenterOptions.{member}"), (failure.Failure, failure.Where));
    }

    [Fact]
    public void ToString_Views_SaysWhatIsDone()
    {
        Assert.Equal("single", new TestTimeViews().ToString());
        Assert.Equal("scales 0.5, 1; mirrored; windows of 768 every 512",
            new TestTimeViews { Scales = [0.5, 1], Flip = true, Window = 768 }.ToString());
    }

    private static void AssertLooks(float[] expected, RgbImage image, TestTimeViews views)
    {
        SegmentationResult found = Looks(image, views);
        Assert.InRange(expected.Zip(found.Scores!, (want, have) => Math.Abs(want - have)).Max(), 0, Tolerance);
        ushort[] labels = new ushort[found.Labels.Length];
        ScoreSum.Labels(found.Scores!, new ScoreShape(Classes, image.Height, image.Width), labels);
        Assert.Equal(labels, found.Labels);
    }

    private static SegmentationResult Looks(RgbImage image, TestTimeViews views)
    {
        using Segmenter segmenter = Open(views, null);
        return segmenter.Segment(image, withScores: true);
    }

    private static float[] Single(RgbImage image, int? shortSide = null)
    {
        using Segmenter segmenter = Open(new TestTimeViews(), shortSide);
        return segmenter.Segment(image, withScores: true).Scores!;
    }

    private static Segmenter Open(TestTimeViews views, int? shortSide) =>
        Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, Threads = 2, Views = views, ShortSide = shortSide });

    private static RgbImage Mirror(RgbImage image) => new(image.Width, image.Height,
        [.. image.Pixels.Chunk(3).Chunk(image.Width).SelectMany(row => Enumerable.Reverse(row)).SelectMany(pixel => pixel)]);

    private static RgbImage Cut(RgbImage image, int left, int top, int side) => new(side, side,
        [.. image.Pixels.Chunk(3).Chunk(image.Width).Skip(top).Take(side).SelectMany(row => row.Skip(left).Take(side)).SelectMany(pixel => pixel)]);
}
