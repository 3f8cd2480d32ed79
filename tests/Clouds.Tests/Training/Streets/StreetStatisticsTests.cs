using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed class StreetStatisticsTests
{
    private const int Classes = 19;
    private const int Width = 96;
    private const int Height = 72;

    private static readonly Lazy<double[]> Source = new(() => Frequencies(StreetStyle.Source, 64));

    [Fact]
    public void Source_SixtyFourScenes_ShowAllClasses() => Assert.All(Source.Value, share => Assert.True(share > 0));

    [Fact]
    public void Source_SixtyFourScenes_AreDominatedByRoadBuildingSkyAndVegetation()
    {
        int[] ranks = [.. Enumerable.Range(0, Classes).OrderByDescending(c => Source.Value[c])];
        Assert.Equal([0, 2, 8, 10], ranks[..4].Order());
        Assert.InRange(Source.Value[0], 0.3, 0.5);
        // No class is so rare that it could not be learnt from a few thousand scenes.
        Assert.All(Source.Value, share => Assert.True(share > 0.0003, $"{share}"));
    }

    [Theory]
    [InlineData(StreetStyle.Night)]
    [InlineData(StreetStyle.Fog)]
    [InlineData(StreetStyle.Snow)]
    [InlineData(StreetStyle.Rain)]
    [InlineData(StreetStyle.Other)]
    public void UnseenStyle_AgainstSource_ShiftsContentAndAppearance(StreetStyle style)
    {
        // Two disjoint Source sets of these sizes are 0.03 to 0.04 apart; the styles measure 0.15 to 0.23.
        double distance = Frequencies(style, 32).Zip(Source.Value, (a, b) => Math.Abs(a - b)).Sum() / 2;
        Assert.True(distance > 0.1, $"label distance {distance:F3}");
        double shift = Brightness(style).Zip(Brightness(StreetStyle.Source), (a, b) => Math.Abs(a - b)).Sum() / 2;
        Assert.True(shift > 0.15, $"brightness distance {shift:F3}");
    }

    [Fact]
    public void Road_AnyScene_LiesBelowTheHorizonAndInTheLowerHalf()
    {
        long upper = 0;
        long lower = 0;
        for (int index = 0; index < 16; index++)
        {
            ushort[] ids = StreetScenes.Render(StreetStyle.Source, 3, index, Width, Height).Labels.Ids;
            // The camera is pitched down by at most 0.09 at a focal length of 1.35: the horizon is at 0.38 of the height or below.
            Assert.DoesNotContain((ushort)0, ids[..(Width * (int)(0.37 * Height))]);
            upper += ids[..(ids.Length / 2)].Count(id => id == 0);
            lower += ids[(ids.Length / 2)..].Count(id => id == 0);
        }

        Assert.True(lower > 8 * upper, $"{upper} above, {lower} below");
    }

    [Fact]
    public void Density_BeyondAllMeasure_IsAUsageFailure()
    {
        StreetConfig crowd = new() { People = 20000 };
        CloudsException failure = Assert.Throws<CloudsException>(() => StreetScenes.Render(crowd, 1, 0, 64, 64));
        Assert.Equal((Failure.Usage, "faces"), (failure.Failure, failure.Where));
    }

    [Fact]
    public void Density_SetToZero_RemovesTheClass()
    {
        StreetConfig empty = StreetConfig.For(StreetStyle.Other) with { People = 0, Riders = 0, ParkedBikes = 0 };
        ushort[] unwanted = [11, 12, 17, 18];
        for (int index = 0; index < 8; index++)
        {
            LabelMap labels = StreetScenes.Render(empty, 1, index, Width, Height).Labels;
            Assert.DoesNotContain(labels.Ids, id => unwanted.Contains(id));
        }
    }

    private static double[] Frequencies(StreetStyle style, int scenes)
    {
        double[] counts = new double[Classes];
        for (int index = 0; index < scenes; index++)
        {
            foreach (ushort id in StreetScenes.Render(style, 1, index, Width, Height).Labels.Ids.Where(id => id < Classes))
            {
                counts[id]++;
            }
        }

        double total = counts.Sum();
        return [.. counts.Select(count => count / total)];
    }

    /// <summary>Histogram of the green channel in 16 bins.</summary>
    private static double[] Brightness(StreetStyle style)
    {
        double[] bins = new double[16];
        for (int index = 0; index < 12; index++)
        {
            byte[] pixels = StreetScenes.Render(style, 1, index, 64, 64).Image.Pixels;
            for (int i = 1; i < pixels.Length; i += 3)
            {
                bins[pixels[i] / 16] += 1.0 / (12 * 64 * 64);
            }
        }

        return bins;
    }
}
