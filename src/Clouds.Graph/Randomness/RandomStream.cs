using System.Text;

namespace Clouds.Graph.Randomness;

/// <summary>
/// A counter-based random stream: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
/// Draw i is a pure function of (seed, purpose, step, rank, i): no hidden state, the same bits on every machine.
/// </summary>
public sealed class RandomStream
{
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _step;
    private readonly uint _rank;
    private readonly uint[] _block = new uint[4];
    private ulong _position;

    /// <summary>Opens the stream at its first draw.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the draws are for, for instance "points"; streams of different purposes are independent.</param>
    /// <param name="step">Training step or sample index.</param>
    /// <param name="rank">Worker or image index.</param>
    public RandomStream(ulong seed, string purpose, long step = 0, int rank = 0)
    {
        ulong key = seed ^ Fnv1a(purpose);
        _key0 = (uint)key;
        _key1 = (uint)(key >> 32);
        _step = (uint)step;
        _rank = (uint)rank ^ (uint)(step >> 32) * 0x9E3779B9u;
    }

    /// <summary>Opens a stream by its key, at its first draw.</summary>
    public RandomStream(StreamKey key) => (_key0, _key1, _step, _rank) = key;

    /// <summary>What tells this stream from all others; with a position it names a draw.</summary>
    public StreamKey Key => new(_key0, _key1, _step, _rank);

    /// <summary>Number of 32-bit draws taken so far; settable, so that a checkpoint can restore it.</summary>
    public ulong Position
    {
        get => _position;
        set
        {
            _position = value;
            if ((value & 3) != 0)
            {
                Draw(value >> 2);
            }
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        int lane = (int)(_position & 3);
        if (lane == 0)
        {
            Draw(_position >> 2);
        }

        _position++;
        return _block[lane];
    }

    /// <summary>Uniform in [0, 1) with 24 bits.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    public double NextDouble() => (((ulong)(NextUInt32() >> 5) << 26) | (NextUInt32() >> 6)) * (1.0 / (1L << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform integer in [0, bound), bias below bound / 2^32.</summary>
    public int NextInt32(int bound) => (int)(((ulong)NextUInt32() * (uint)bound) >> 32);

    /// <summary>True with the given probability.</summary>
    public bool NextBoolean(double probability = 0.5) => NextDouble() < probability;

    /// <summary>Standard normal (Box-Muller, one of the pair is dropped so that a draw always costs four words).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Fills a span with uniform draws in [0, 1); equal to one <see cref="NextSingle"/> an element.</summary>
    public void Fill(Span<float> destination)
    {
        int i = 0;
        while (i < destination.Length && (_position & 3) != 0)
        {
            destination[i++] = NextSingle();
        }

        for (; i + 4 <= destination.Length; i += 4, _position += 4)
        {
            Draw(_position >> 2);
            for (int lane = 0; lane < 4; lane++)
            {
                destination[i + lane] = (_block[lane] >> 8) * (1f / (1 << 24));
            }
        }

        while (i < destination.Length)
        {
            destination[i++] = NextSingle();
        }
    }

    /// <summary>A uniform permutation of 0..count-1 (Fisher-Yates).</summary>
    public int[] NextPermutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private void Draw(ulong block)
    {
        _block[0] = (uint)block;
        _block[1] = (uint)(block >> 32);
        _block[2] = _step;
        _block[3] = _rank;
        Philox(_block, _key0, _key1);
    }

    /// <summary>The raw generator: ten rounds turn the four counter words into four random words, in place.</summary>
    public static void Philox(Span<uint> block, uint k0, uint k1)
    {
        (uint c0, uint c1, uint c2, uint c3) = (block[0], block[1], block[2], block[3]);
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = 0xD2511F53UL * c0;
            ulong product1 = 0xCD9E8D57UL * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c1 = (uint)product1;
            c3 = (uint)product0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        (block[0], block[1], block[2], block[3]) = (c0, c1, c2, c3);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }
}
