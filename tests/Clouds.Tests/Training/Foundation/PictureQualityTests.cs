using Clouds.Native.Images;
using Clouds.Training.Foundation;

namespace Clouds.Tests.Training.Foundation;

[Kind(TestKind.Fast)]
public sealed class PictureQualityTests
{
    [Fact]
    public void Of_TheSamePicture_IsPerfect() =>
        Assert.Equal(new PictureQuality(0, PictureQuality.Most, 1), PictureQuality.Of(Pictures.Noise(20, 15), Pictures.Noise(20, 15)));

    // Levels a and b everywhere: no variance, so that what is left of the similarity is the means' part.
    [Fact]
    public void Of_PlainPictures_FollowsFromTheirLevels()
    {
        PictureQuality quality = PictureQuality.Of(Plain(100), Plain(110));
        Assert.Equal(10, quality.AbsoluteError);
        Assert.Equal(20 * Math.Log10(25.5), quality.SignalToNoise, 9);
        Assert.Equal(((2 * 100 * 110) + 6.5025) / ((100 * 100) + (110 * 110) + 6.5025), quality.Similarity!.Value, 9);
    }

    [Fact]
    public void Similarity_OfNoise_IsThatOfWindowsInTwoDimensions()
    {
        RgbImage one = Pictures.Noise(16, 13), other = new(16, 13, [.. one.Pixels.Select((level, i) => (byte)((level / 2) + (i * 7 % 100)))]);
        Assert.Equal(Slowly(one, other), PictureQuality.Of(one, other).Similarity!.Value, 9);
    }

    [Fact]
    public void Similarity_OfASmallPicture_IsNotMeasured() => Assert.Null(PictureQuality.Of(Pictures.Noise(10, 40), Pictures.Noise(10, 40)).Similarity);

    private static RgbImage Plain(byte level) => new(16, 16, [.. Enumerable.Repeat(level, 3 * 256)]);

    // Every window by itself: weighted means, then weighted deviations from them.
    private static double Slowly(RgbImage one, RgbImage other)
    {
        double[] x = Luma(one), y = Luma(other);
        (int X, int Y, double Weight)[] window =
        [
            .. Enumerable.Range(0, 121).Select(i => (X: i % 11, Y: i / 11)).Select(at => (at.X, at.Y, Math.Exp(-(Square(at.X - 5) + Square(at.Y - 5)) / 4.5))),
        ];
        double all = window.Sum(tap => tap.Weight);
        return Enumerable.Range(0, 6 * 3).Average(place =>
        {
            (double A, double B, double Weight)[] below = [.. window.Select(tap => ((place / 6) + tap.Y, (place % 6) + tap.X, tap.Weight / all))
                .Select(tap => (x[(tap.Item1 * 16) + tap.Item2], y[(tap.Item1 * 16) + tap.Item2], tap.Item3))];
            double a = below.Sum(pixel => pixel.Weight * pixel.A), b = below.Sum(pixel => pixel.Weight * pixel.B);
            double aa = below.Sum(pixel => pixel.Weight * Square(pixel.A - a)), bb = below.Sum(pixel => pixel.Weight * Square(pixel.B - b));
            double ab = below.Sum(pixel => pixel.Weight * (pixel.A - a) * (pixel.B - b));
            return ((2 * a * b) + 6.5025) * ((2 * ab) + 58.5225) / (((a * a) + (b * b) + 6.5025) * (aa + bb + 58.5225));
        });
    }

    private static double[] Luma(RgbImage image) =>
        [.. image.Pixels.Chunk(3).Select(pixel => (0.299 * pixel[0]) + (0.587 * pixel[1]) + (0.114 * pixel[2]))];

    private static double Square(double value) => value * value;
}
