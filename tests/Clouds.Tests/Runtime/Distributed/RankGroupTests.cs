using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Distributed;

[Kind(TestKind.Fast)]
public sealed class RankGroupTests
{
    // Several chunks of every lane, the last one cut short; one less than a part a rank; nothing.
    private static readonly long[] Lengths = [(13 * 4 * RingSum.PartFloats) + 4321, 3, 0];

    [Fact]
    public void Alone_EveryCall_IsAboutItself()
    {
        RankGroup alone = RankGroup.Alone;
        Assert.Equal((0, 1, true, true), (alone.Rank, alone.Count, alone.IsFirst, alone.Saves));
        Assert.Equal([3L], alone.Sum([3], "a sum"));
        Assert.Equal(IndexShare.All(7), alone.Share(7));
        Assert.False(alone.Any(false, "a question"));
        Assert.False(alone.Lost.CanBeCanceled);
    }

    [MpiFact]
    public void MeanInPlace_FourRanks_IsTheMeanInTheOrderOfTheRingAndTheSameBitsEverywhere() => Mpirun.Run(4, ranks =>
    {
        foreach (long length in Lengths)
        {
            float[][] all = [.. Enumerable.Range(0, ranks.Count).Select(rank => Numbers(rank, length))];
            using NativeBuffer mine = new(length * sizeof(float));
            for (int round = 0; round < 3; round++)
            {
                all[ranks.Rank].CopyTo(mine.Span<float>(0, (int)length));
                ranks.MeanInPlace(mine, "a mean");
                Assert.Equal(MeanByTheRing(all), mine.Span<float>(0, (int)length).ToArray());
            }
        }
    });

    [MpiFact]
    public void Gather_FourRanks_HasAllNumbersInTheirOrder() => Mpirun.Run(4, ranks =>
    {
        long[][] all = ranks.Gather([ranks.Rank, 10L * ranks.Rank], "numbers");
        Assert.Equal([0, 0, 1, 10, 2, 20, 3, 30], all.SelectMany(numbers => numbers));
        Assert.Equal([6, 4], ranks.Sum([ranks.Rank, 1], "sums"));
        Assert.True(ranks.Any(ranks.Rank == 3, "one"));
        Assert.False(ranks.Any(false, "none"));
        Assert.Equal(ranks.Rank == 0, ranks.IsFirst);
    });

    [MpiFact]
    public void Gather_RanksThatDoDifferentThings_AreTold() => Mpirun.Run(2, ranks =>
    {
        CloudsException refused = Assert.Throws<CloudsException>(() => ranks.Gather([1L], ranks.IsFirst ? "one thing" : "another"));
        Assert.Equal($"rank {1 - ranks.Rank}", refused.Where);
        Assert.Contains(ranks.IsFirst ? "one thing" : "another", refused.Wanted, StringComparison.Ordinal);
    });

    [MpiFact]
    public void Gather_RankThatLeft_IsNamedAtOnceAndTheNextOneSaves() => Mpirun.Run(3, ranks =>
    {
        ranks.At(7, "the test");
        if (ranks.IsFirst)
        {
            ranks.Fail(Failure.BadInput);
            return;
        }

        RankLossException lost = Assert.Throws<RankLossException>(() => ranks.Meet("what rank 0 will not come to"));
        Assert.Equal((true, Failure.BadInput), (lost.Left, lost.Failure));
        Assert.Equal("rank 0 of 3 has left the others", lost.What);
        Assert.Contains($"host {Environment.MachineName}, process ", lost.Where, StringComparison.Ordinal);
        Assert.Contains("step 7, 'the test'", lost.Found, StringComparison.Ordinal);
        Assert.Equal("its part of 'what rank 0 will not come to' in step 7", lost.Wanted);
        Assert.Equal(ranks.Rank == 1, ranks.Saves);
        Assert.True(ranks.Lost.IsCancellationRequested);
        Assert.Throws<RankLossException>(() => ranks.Meet("anything else"));
    });

    [MpiFact]
    public void FirstThenOthers_TwoRanks_FindWhatTheFirstHasMade() => Mpirun.Run(2, ranks =>
    {
        string file = Path.Combine(Path.GetTempPath(), $"clouds-first-{Environment.GetEnvironmentVariable("OMPI_MCA_ess_base_jobid")}");
        bool found = ranks.FirstThenOthers("a file", () =>
        {
            bool there = File.Exists(file);
            File.AppendAllText(file, "made");
            return there;
        });
        ranks.Meet("the end");
        File.Delete(file);
        Assert.Equal(!ranks.IsFirst, found);
    });

    [MpiFact]
    public void Join_NullReferenceBesideMpi_IsStillAnException() => Mpirun.Run(2, ranks =>
    {
        object? nothing = ranks.Count == 2 ? null : "";
        Assert.Throws<NullReferenceException>(() => nothing!.GetHashCode());
    });

    private static float[] Numbers(int rank, long length)
    {
        float[] numbers = new float[length];
        new RandomStream(5, "numbers", 0, rank).Fill(numbers);
        return numbers;
    }

    // Part p of a chunk begins at rank p and goes up; rank p - 1 adds the last number and divides.
    private static float[] MeanByTheRing(float[][] all)
    {
        int ranks = all.Length;
        float[] mean = new float[all[0].Length];
        int chunk = ranks * RingSum.PartFloats;
        for (int i = 0; i < mean.Length; i++)
        {
            long first = i / chunk * (long)chunk, length = Math.Min(chunk, mean.Length - first);
            int part = Enumerable.Range(0, ranks).Last(p => length * p / ranks <= i - first);
            float sum = all[part][i];
            for (int n = 1; n < ranks; n++)
            {
                sum += all[(part + n) % ranks][i];
            }

            mean[i] = sum / ranks;
        }

        return mean;
    }
}
