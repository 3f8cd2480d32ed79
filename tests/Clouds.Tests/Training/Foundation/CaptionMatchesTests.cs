using Clouds.Graph.Randomness;
using Clouds.Training.Foundation;

namespace Clouds.Tests.Training.Foundation;

[Kind(TestKind.Fast)]
public sealed class CaptionMatchesTests
{
    [Fact]
    public void Images_AllLikeTheirOwnCaptions_AreAllFound()
    {
        float[][] axes = Axes(30);
        CaptionMatches matches = new(axes, axes);
        Assert.Equal(30, matches.Captions);
        Assert.All([matches.FoundAmong(20, Stream), matches.CaptionRecall(1), matches.ImageRecall(1), matches.MeanCosine], value => Assert.Equal(1, value));
        Assert.Equal(0, matches.MeanOtherCosine);
    }

    // Every image is most like the next caption: its own is the second of all, and found where the next one was not among those drawn: 19 of 29 times it is.
    [Fact]
    public void Images_LikeTheNextCaptionMost_HaveTheirOwnInSecondPlace()
    {
        float[][] axes = Axes(30);
        float[][] images = [.. axes.Select((axis, i) => Sum(axis, 0.6f, axes[(i + 1) % 30], 0.8f))];
        CaptionMatches matches = new(images, axes);
        Assert.Equal((0.0, 1.0), (matches.CaptionRecall(1), matches.CaptionRecall(2)));
        Assert.Equal((0.0, 1.0), (matches.ImageRecall(1), matches.ImageRecall(2)));
        Assert.Equal(0.6, matches.MeanCosine, 6);
        Assert.InRange(Enumerable.Range(0, 50).Average(seed => matches.FoundAmong(20, image => new RandomStream((ulong)seed, "", image))), 0.31, 0.38);
    }

    [Fact]
    public void Reader_OfWhomAllCaptionsHoldOrOneOrNone_ChoosesEvenly()
    {
        float[][] axes = Axes(20);
        CaptionMatches matches = new(axes, axes);
        double Found(Func<int, int, bool> holds) => matches.FoundByAReader(20, Stream, holds);
        Assert.Equal(1.0 / 20, Found((_, _) => true), 12);
        Assert.Equal(1, Found((_, _) => false), 12);
        Assert.Equal(0.5, Found((image, other) => other == (image + 1) % 20), 12);
    }

    [Fact]
    public void Captions_ThatCannotBeToldApart_AreOneAndTheirImagesAlikeRight()
    {
        float[][] axes = Axes(3);
        CaptionMatches matches = new([axes[0], axes[1], axes[2]], [axes[0], axes[0], axes[2]]);
        Assert.Equal(2, matches.Captions);
        Assert.Equal(1, matches.ImageRecall(1));
        Assert.Equal(2.0 / 3, matches.CaptionRecall(1), 12);
    }

    [Fact]
    public void Images_EquallyLikeAllCaptions_HaveFoundNone()
    {
        float[][] axes = Axes(25);
        float[] middle = [.. Enumerable.Repeat(0.2f, 25)];
        CaptionMatches matches = new([.. axes.Select(_ => middle)], axes);
        Assert.All([matches.FoundAmong(20, Stream), matches.CaptionRecall(1), matches.ImageRecall(1)], value => Assert.Equal(0, value));
        Assert.Equal(1, matches.CaptionRecall(25));
    }

    private static RandomStream Stream(int image) => new(1, "", image);

    private static float[][] Axes(int count) => [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Select(k => k == i ? 1f : 0).ToArray())];

    private static float[] Sum(float[] one, float a, float[] other, float b) => [.. one.Zip(other, (x, y) => (a * x) + (b * y))];
}
