using Clouds.Graph.Randomness;

namespace Clouds.Training.Engine;

/// <summary>
/// The infinite stream of sample indices: epoch after epoch, each a permutation drawn from (seed, epoch). Any position can be asked for, by several
/// threads at once.
/// </summary>
/// <param name="count">Samples of the data set.</param>
/// <param name="seed">The run's seed.</param>
public sealed class SampleOrder(int count, ulong seed)
{
    private volatile Epoch _last = new(-1, []);

    /// <summary>The sample at a position, from 0.</summary>
    public int this[long position]
    {
        get
        {
            Epoch epoch = _last;
            if (epoch.Index != position / count)
            {
                long index = position / count;
                epoch = new Epoch(index, new RandomStream(seed, "order", index).NextPermutation(count));
                _last = epoch;
            }

            return epoch.Order[position % count];
        }
    }

    private sealed record Epoch(long Index, int[] Order);
}
