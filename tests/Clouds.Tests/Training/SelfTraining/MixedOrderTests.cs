using Clouds.Training.SelfTraining;

namespace Clouds.Tests.Training.SelfTraining;

[Kind(TestKind.Fast)]
public sealed class MixedOrderTests
{
    // Acceptance check 15 of the method: with a factor of f, G images among S + f·G.
    [Theory]
    [InlineData(24_904, 2.0, 28.65)]
    [InlineData(9_400, 0.7, 27.13)]
    [InlineData(2_975, 0.2, 25.16)]
    public void Share_OfGeneratedImagesInTenEpochsOfThePaper_IsTheExpectedOne(int sources, double factor, double percent)
    {
        MixedOrder order = new(sources, 5_000, new MixConfig { TargetFactor = factor }, seed: 1);
        int[] ten = [.. Enumerable.Range(0, 10).SelectMany(order.Epoch)];
        Assert.InRange(100.0 * ten.Count(image => image >= sources) / ten.Length, percent - 0.5, percent + 0.5);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(2.5)]
    public void Epoch_OfAFactor_HasEverySourceImageOnceAndGeneratedOnesByFloorAndDraw(double factor)
    {
        MixedOrder order = new(7, 400, new MixConfig { TargetFactor = factor }, seed: 3);
        Dictionary<int, int> times = order.Epoch(0).CountBy(image => image).ToDictionary();
        Assert.All(Enumerable.Range(0, 7), image => Assert.Equal(1, times[image]));
        int[] generated = [.. Enumerable.Range(7, 400).Select(image => times.GetValueOrDefault(image))];
        Assert.All(generated, count => Assert.InRange(count, (int)factor, (int)factor + 1));

        // 400 draws of probability p: four standard deviations are at most 40.
        Assert.InRange(generated.Sum(), (400 * factor) - 40, (400 * factor) + 40);
        Assert.NotEqual(order.Epoch(0), order.Epoch(1));
    }

    [Theory]
    [InlineData(0.287)]
    [InlineData(0.75)]
    [InlineData(0)]
    public void Epoch_OfAFixedShare_HasThatShareOfGeneratedImagesAllEquallyOften(double share)
    {
        MixedOrder order = new(1_000, 90, new MixConfig { Mode = MixMode.FixedShare, Share = share }, seed: 3);
        int[] epoch = order.Epoch(4);
        Assert.Equal(share, epoch.Count(image => image >= 1_000) / (double)epoch.Length, 1e-3);
        int[] times = [.. Enumerable.Range(1_000, 90).Select(image => epoch.Count(entry => entry == image))];
        Assert.InRange(times.Max() - times.Min(), 0, 1);
        Assert.Equal(1_000, epoch.Where(image => image < 1_000).Distinct().Count());
    }

    [Fact]
    public void Epoch_OfGeneratedImagesAlone_HasNoSourceImage() =>
        Assert.Equal(Enumerable.Range(10, 3), new MixedOrder(10, 3, new MixConfig { Mode = MixMode.FixedShare, Share = 1 }, seed: 3).Epoch(0));

    [Fact]
    public void Positions_OneAfterTheOther_AreTheShuffledEpochsOneBehindTheOther()
    {
        MixedOrder order = Drawn();
        int[][] epochs = [.. Enumerable.Range(0, 4).Select(order.Epoch)];
        int[] stream = [.. Enumerable.Range(0, epochs.Sum(epoch => epoch.Length)).Select(i => order[i])];
        int start = 0;
        foreach (int[] epoch in epochs)
        {
            int[] part = stream[start..(start + epoch.Length)];
            Assert.Equal(epoch.Order(), part.Order());
            Assert.NotEqual(epoch, part);
            start += epoch.Length;
        }
    }

    // A resumed run begins in the middle; lengths of epochs are drawn.
    [Fact]
    public void Position_AskedForFirst_IsWhatItIsInOrder()
    {
        MixedOrder whole = Drawn();
        int[] stream = [.. Enumerable.Range(0, 200).Select(i => whole[i])];
        Assert.All((int[])[0, 18, 19, 77, 199], position => Assert.Equal(stream[position], Drawn()[position]));
    }

    private static MixedOrder Drawn() => new(10, 20, new MixConfig { TargetFactor = 0.45 }, seed: 9);
}
