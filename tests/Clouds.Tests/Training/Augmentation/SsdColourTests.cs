using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

[Kind(TestKind.Fast)]
public sealed class SsdColourTests
{
    [Fact]
    public void Brighten_Fraction_IsClippedAndTruncated()
    {
        byte[] pixels = [0, 10, 250];
        SsdColour.Brighten(pixels, -3.5f);
        Assert.Equal([0, 6, 246], pixels);

        SsdColour.Brighten(pixels, 20.9f);
        Assert.Equal([20, 26, 255], pixels);
    }

    [Fact]
    public void Contrast_Factor_IsClippedAndTruncated()
    {
        byte[] pixels = [3, 101, 200];
        SsdColour.Contrast(pixels, 1.5f);
        Assert.Equal([4, 151, 255], pixels);
    }

    [Fact]
    public void TurnHue_PureRed_ReachesGreenAndWrapsToBlue()
    {
        byte[] forward = [255, 0, 0];
        byte[] backward = [255, 0, 0];

        SsdColour.TurnHue(forward, 60);
        SsdColour.TurnHue(backward, -60);

        Assert.Equal([0, 255, 0], forward);
        Assert.Equal([0, 0, 255], backward);
    }

    [Fact]
    public void Saturate_Zero_GivesGray()
    {
        byte[] pixels = [200, 30, 90];
        SsdColour.Saturate(pixels, 0);
        Assert.Equal([200, 200, 200], pixels);
    }

    [Fact]
    public void Apply_SameStream_SameBitsAndInputUntouched()
    {
        RgbImage image = Pictures.Noise(31, 17);
        byte[] before = [.. image.Pixels];
        List<byte[]> results = [];
        for (int step = 0; step < 40; step++)
        {
            byte[] first = SsdColour.Apply(image, new SsdColourConfig(), new RandomStream(3, "colour", step)).Pixels;
            Assert.Equal(first, SsdColour.Apply(image, new SsdColourConfig(), new RandomStream(3, "colour", step)).Pixels);
            results.Add(first);
        }

        Assert.Equal(before, image.Pixels);

        // Four steps of probability one half: an unchanged image has probability 1/16.
        Assert.InRange(results.Count(result => result.SequenceEqual(before)), 0, 9);
    }
}
