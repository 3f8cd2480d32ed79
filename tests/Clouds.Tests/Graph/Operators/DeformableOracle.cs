namespace Clouds.Tests.Graph.Operators;

/// <summary>Multi-scale deformable attention and its gradients, sample by sample.</summary>
internal sealed class DeformableOracle
{
    public DeformableOracle(TestTensor dy, TestTensor value, TestTensor locations, TestTensor weights, long[] levels)
    {
        (long n, long s, long m, long d) = (value.Sizes[0], value.Sizes[1], value.Sizes[2], value.Sizes[3]);
        (long q, long p) = (locations.Sizes[1], locations.Sizes[4]);
        (double[] v, double[] at, double[] a, double[] up) = (value.Doubles, locations.Doubles, weights.Doubles, dy.Doubles);
        Y = new double[n * q * m * d];
        (DValue, DLocations, DWeights) = (new double[v.Length], new double[at.Length], new double[a.Length]);
        long count = levels.Length / 2;
        for (long i = 0; i < a.Length; i++)
        {
            long level = i / p % count;
            long head = i / p / count % m;
            long query = i / p / count / m;
            long start = Enumerable.Range(0, (int)level).Sum(l => levels[2 * l] * levels[(2 * l) + 1]);
            (long h, long w) = (levels[2 * level], levels[(2 * level) + 1]);
            foreach (LoweringOracle.Tap tap in LoweringOracle.Taps(at[2 * i], at[(2 * i) + 1], h, w))
            {
                long row = (query / q * s) + start + (tap.Row * w) + tap.Column;
                for (long c = 0; c < d; c++)
                {
                    (long from, long to) = ((((row * m) + head) * d) + c, (((query * m) + head) * d) + c);
                    Y[to] += a[i] * tap.Weight * v[from];
                    DValue[from] += a[i] * tap.Weight * up[to];
                    DWeights[i] += tap.Weight * v[from] * up[to];
                    DLocations[2 * i] += a[i] * tap.SlopeX * v[from] * up[to];
                    DLocations[(2 * i) + 1] += a[i] * tap.SlopeY * v[from] * up[to];
                }
            }
        }
    }

    public double[] Y { get; }

    public double[] DValue { get; }

    public double[] DLocations { get; }

    public double[] DWeights { get; }
}
