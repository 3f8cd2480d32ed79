using Clouds.Graph.Randomness;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// The infinite stream of images of both domains (method.md section 3.3): epoch after epoch a list with every source image once and every generated image
/// as often as its factor says, shuffled. Lists, and with them their lengths, are functions of (seed, epoch). Any position can be asked for, by several
/// threads at once.
/// </summary>
/// <param name="sources">Source images.</param>
/// <param name="generated">Generated images.</param>
/// <param name="mix">How they are mixed.</param>
/// <param name="seed">The run's seed.</param>
public sealed class MixedOrder(int sources, int generated, MixConfig mix, ulong seed)
{
    private readonly Lock _turn = new();
    private readonly List<long> _ends = [];
    private (int Epoch, int[] List) _last = (-1, []);

    /// <summary>The image at a position, from 0: 0 .. sources - 1, or sources + the number of a generated one.</summary>
    public int this[long position]
    {
        get
        {
            lock (_turn)
            {
                int epoch = EpochOf(position);
                if (_last.Epoch != epoch)
                {
                    _last = (epoch, Shuffled(epoch, Epoch(epoch)));
                }

                return _last.List[position - (epoch == 0 ? 0 : _ends[epoch - 1])];
            }
        }
    }

    /// <summary>The images of an epoch before they are shuffled.</summary>
    public int[] Epoch(int epoch)
    {
        RandomStream random = new(seed, "repeats", epoch);
        IEnumerable<int> images = mix.Mode == MixMode.FixedShare ? FixedShare(random) : RepeatFactor(random);
        return [.. Enumerable.Range(0, mix is { Mode: MixMode.FixedShare, Share: 1 } ? 0 : sources), .. images.Select(image => sources + image)];
    }

    // Lengths are drawn, so those of all epochs in front have to be known.
    private int EpochOf(long position)
    {
        while (_ends.Count == 0 || _ends[^1] <= position)
        {
            _ends.Add((_ends.Count == 0 ? 0 : _ends[^1]) + Epoch(_ends.Count).Length);
        }

        int found = _ends.BinarySearch(position);
        return found >= 0 ? found + 1 : ~found;
    }

    private int[] Shuffled(int epoch, int[] images) => Array.ConvertAll(new RandomStream(seed, "mix", epoch).NextPermutation(images.Length), i => images[i]);

    // Each image the whole part of its factor, and once more with the probability of the rest.
    private IEnumerable<int> RepeatFactor(RandomStream random)
    {
        int whole = (int)mix.TargetFactor;
        double rest = mix.TargetFactor - whole;
        return Enumerable.Range(0, generated).SelectMany(image => Enumerable.Repeat(image, whole + (rest > 0 && random.NextBoolean(rest) ? 1 : 0)));
    }

    // As many as the share asks for, all images equally often; which of them come once more is drawn.
    private IEnumerable<int> FixedShare(RandomStream random)
    {
        long wanted = mix.Share == 1 ? generated : (long)Math.Round(mix.Share / (1 - mix.Share) * sources);
        (long whole, long rest) = Math.DivRem(wanted, generated);
        HashSet<int> more = [.. random.NextPermutation(generated).Take((int)rest)];
        return Enumerable.Range(0, generated).SelectMany(image => Enumerable.Repeat(image, (int)whole + (more.Contains(image) ? 1 : 0)));
    }
}
