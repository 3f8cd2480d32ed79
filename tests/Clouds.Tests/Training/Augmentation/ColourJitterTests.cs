using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

[Kind(TestKind.Fast)]
public sealed class ColourJitterTests
{
    private const double Strength = 0.2;

    // (100 - 51) · 0.8 to (100 + 51) · 1.2, truncated up to four times; what has no colour has neither saturation nor hue.
    [Fact]
    public void Apply_Grey_StaysGreyAndIsAsBrightAsShiftAndFactorMakeIt()
    {
        byte[][] jittered = [.. Enumerable.Range(0, 300).Select(i => Jittered(i, 100, 100, 100))];
        Assert.All(jittered, pixel => Assert.Single(pixel.Distinct()));
        Assert.InRange(jittered.Min(pixel => pixel[0]), 35, 60);
        Assert.InRange(jittered.Max(pixel => pixel[0]), 160, 182);
    }

    // A fifth of the circle at most: 36 steps of two degrees. Nothing of this colour is clipped, and spreads of 70 and more tell hues to a step or two.
    [Fact]
    public void Apply_Colour_IsTurnedByAPartOfTheCircle()
    {
        int[] turns = [.. Enumerable.Range(0, 300).Select(i => Jittered(i, 150, 60, 60)).Select(pixel => OpenCvHsv.FromRgb(pixel[0], pixel[1], pixel[2]).H)
            .Select(hue => hue < OpenCvHsv.HueSteps / 2 ? hue : hue - OpenCvHsv.HueSteps)];
        Assert.InRange(turns.Min(), -39, -25);
        Assert.InRange(turns.Max(), 25, 39);
    }

    [Fact]
    public void Apply_SameDraws_GivesTheSameBitsAndLeavesTheImageAlone()
    {
        RgbImage image = new(2, 1, [1, 2, 3, 200, 100, 50]);
        byte[] first = ColourJitter.Apply(image, Strength, new RandomStream(1, "test")).Pixels;
        Assert.Equal(first, ColourJitter.Apply(image, Strength, new RandomStream(1, "test")).Pixels);
        Assert.NotEqual(first, ColourJitter.Apply(image, Strength, new RandomStream(2, "test")).Pixels);
        Assert.Equal([1, 2, 3, 200, 100, 50], image.Pixels);
    }

    private static byte[] Jittered(int draw, byte red, byte green, byte blue) =>
        ColourJitter.Apply(new RgbImage(1, 1, [red, green, blue]), Strength, new RandomStream(5, "jitter", draw)).Pixels;
}
