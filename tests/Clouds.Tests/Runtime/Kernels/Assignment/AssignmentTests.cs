using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class AssignmentTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 3)]
    [InlineData(3, 6)]
    [InlineData(7, 7)]
    [InlineData(5, 1)]
    [InlineData(2, 7)]
    public void Run_SmallProblems_CostNoMoreThanAnyOtherMatching(int queries, int targets)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            Pinned<float> cost = Pinned.Normal(queries * targets, seed);
            (long[] q, long[] t, float[] matched) = Solve(cost, Ones(targets), queries, targets);
            double found = 0;
            for (int i = 0; i < targets; i++)
            {
                found += matched[i] * cost.Values[(q[i] * targets) + t[i]];
            }

            Assert.Equal(Math.Min(queries, targets), matched.Sum());
            Assert.Equal(Cheapest(cost.Values, queries, targets, 0, 0), found, 1e-6);
        }
    }

    [Fact]
    public void Run_LargeProblem_SatisfiesTheDualBound()
    {
        // Removing any cycle of improvements is covered above; here: no swap of two pairs and no move to a free query is cheaper.
        const int Queries = 100;
        const int Targets = 19;
        Pinned<float> cost = Pinned.Normal(Queries * Targets, 77);
        (long[] q, long[] t, _) = Solve(cost, Ones(Targets), Queries, Targets);
        float At(long query, long target) => cost.Values[(query * Targets) + target];
        for (int i = 0; i < Targets; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Assert.True(At(q[i], t[i]) + At(q[j], t[j]) <= At(q[i], t[j]) + At(q[j], t[i]));
            }

            foreach (long free in Enumerable.Range(0, Queries).Select(query => (long)query).Except(q))
            {
                Assert.True(At(q[i], t[i]) <= At(free, t[i]));
            }
        }
    }

    [Fact]
    public void Run_SomeTargetsInvalid_PairsComeFirstByQueryAndPaddingIsZero()
    {
        // Target 1 is padding; target 0 prefers query 2, target 2 prefers query 1.
        Pinned<float> cost = new([5, -9, 5, 4, -9, 1, 0, -9, 3]);
        (long[] q, long[] t, float[] matched) = Solve(cost, new Pinned<float>([1, 0, 1]), 3, 3);
        Assert.Equal([1, 2, 0], q);
        Assert.Equal([2, 0, 0], t);
        Assert.Equal([1, 1, 0], matched);
    }

    [Fact]
    public void Run_NoTarget_MatchesNothing()
    {
        (long[] q, long[] t, float[] matched) = Solve(Pinned.Normal(12, 1), new Pinned<float>(3), 4, 3);
        Assert.Equal(new long[3], q);
        Assert.Equal(new long[3], t);
        Assert.Equal(new float[3], matched);
    }

    [Fact]
    public void Run_CostsNotFinite_AreAvoidedWherePossible()
    {
        Pinned<float> cost = new([float.NaN, 7, 2, float.PositiveInfinity, float.NegativeInfinity, float.NaN]);
        (long[] q, long[] t, _) = Solve(cost, Ones(2), 3, 2);
        Assert.Equal([0, 1], q);
        Assert.Equal([1, 0], t);
        (_, _, float[] matched) = Solve(new Pinned<float>([float.NaN, float.NaN, float.NaN, float.NaN]), Ones(2), 2, 2);
        Assert.Equal([1, 1], matched);
    }

    private static Pinned<float> Ones(int count)
    {
        Pinned<float> ones = new(count);
        Array.Fill(ones.Values, 1);
        return ones;
    }

    private static (long[] Queries, long[] Targets, float[] Matched) Solve(Pinned<float> cost, Pinned<float> valid, int queries, int targets)
    {
        (Pinned<long> q, Pinned<long> t, Pinned<float> matched) = (new(targets), new(targets), Pinned.Dirty(targets));
        Assignment.Run(new AssignmentShape(1, queries, targets), cost.Span, valid.Span, q.Span, t.Span, matched.Span, 0, 1);
        return (q.Values, t.Values, matched.Values);
    }

    private static double Cheapest(float[] cost, int queries, int targets, int query, int used)
    {
        int matched = System.Numerics.BitOperations.PopCount((uint)used);
        int missing = Math.Min(queries, targets) - matched;
        if (missing == 0)
        {
            return 0;
        }

        double best = queries - query > missing ? Cheapest(cost, queries, targets, query + 1, used) : double.PositiveInfinity;
        for (int t = 0; t < targets; t++)
        {
            if ((used & (1 << t)) == 0)
            {
                best = Math.Min(best, cost[(query * targets) + t] + Cheapest(cost, queries, targets, query + 1, used | (1 << t)));
            }
        }

        return best;
    }
}
