using Clouds.Native.Generation.Painting;

namespace Clouds.Tests.Native.Generation.Painting;

/// <summary>Noise that is named by seed, call and index.</summary>
[Kind(TestKind.Fast)]
public sealed class LatentNoiseTests
{
    [Fact]
    public void Fill_SameName_SameBitsWhateverTheSizeAndTheScale()
    {
        float[] large = Filled(9, 0, 5000), small = Filled(9, 0, 64), twice = new float[64];
        LatentNoise.Fill(twice, 9, 0, 2);
        Assert.Equal(large[..64], small);
        Assert.Equal(small.Select(value => 2 * value), twice);
    }

    [Fact]
    public void Fill_OtherSeedsAndCalls_AreIndependentUnitNormals()
    {
        float[][] all = [Filled(9, 0, 20_000), Filled(10, 0, 20_000), Filled(-9, 0, 20_000), Filled(9, 1, 20_000), Filled(9, LatentNoise.Encoded, 20_000)];
        foreach (float[] noise in all)
        {
            Assert.InRange(noise.Average(), -0.03, 0.03);
            Assert.InRange(noise.Average(value => value * value), 0.96, 1.04);
            Assert.All(all.Where(other => other != noise), other => Assert.InRange(noise.Zip(other, (a, b) => a * b).Average(), -0.03, 0.03));
        }
    }

    // What somebody painted with an earlier version is painted again with this one.
    [Fact]
    public void Fill_FirstDraws_AreTheseForever() =>
        Assert.Equal([-1.11747, -0.87559, -0.41304, -0.97945], Filled(42, 0, 4).Select(value => Math.Round((double)value, 5)));

    private static float[] Filled(long seed, int step, int count)
    {
        float[] noise = new float[count];
        LatentNoise.Fill(noise, seed, step);
        return noise;
    }
}
