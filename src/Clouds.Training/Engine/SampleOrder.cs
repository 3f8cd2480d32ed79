using Clouds.Graph.Randomness;

namespace Clouds.Training.Engine;

/// <summary>The infinite stream of sample indices: epoch after epoch, each a permutation drawn from (seed, epoch). Any position can be asked for.</summary>
/// <param name="count">Samples of the data set.</param>
/// <param name="seed">The run's seed.</param>
public sealed class SampleOrder(int count, ulong seed)
{
    private int[] _epoch = [];
    private long _epochIndex = -1;

    /// <summary>The sample at a position, from 0.</summary>
    public int this[long position]
    {
        get
        {
            long epoch = position / count;
            if (epoch != _epochIndex)
            {
                _epoch = new RandomStream(seed, "order", epoch).NextPermutation(count);
                _epochIndex = epoch;
            }

            return _epoch[position % count];
        }
    }
}
