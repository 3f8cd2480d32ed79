using Clouds.Diagnostics;
using Clouds.Graph.Randomness;

namespace Clouds.Native.Generation.Language;

/// <summary>Chooses a token by the scores of all. It keeps the memory that it works in.</summary>
/// <param name="tokens">Number of tokens.</param>
/// <param name="options">How.</param>
/// <param name="random">What is drawn from: one number a token.</param>
internal sealed class TokenChoice(int tokens, AnswerOptions options, RandomStream random)
{
    private readonly ulong[] _best = new ulong[options.TopK > 0 ? Math.Min(options.TopK, tokens) : tokens];
    private readonly double[] _weights = new double[options.TopK > 0 ? Math.Min(options.TopK, tokens) : tokens];

    /// <summary>The next token.</summary>
    /// <param name="scores">One a token.</param>
    /// <exception cref="CloudsException">Numeric: a score is not finite.</exception>
    public int Next(ReadOnlySpan<float> scores)
    {
        Require(scores);
        if (options.Temperature == 0)
        {
            return System.Numerics.Tensors.TensorPrimitives.IndexOfMax(scores);
        }

        Rank(scores);
        return Draw(Kept(scores));
    }

    private static void Require(ReadOnlySpan<float> scores)
    {
        foreach (float score in scores)
        {
            if (!float.IsFinite(score))
            {
                throw new CloudsException(Failure.Numeric, "the language model's scores are not finite", null, $"{score}", "finite numbers",
                    "its weights are damaged or too large: fetch the model again");
            }
        }
    }

    // Best scores first, of equals the lowest id: as numbers that sort so.
    private void Rank(ReadOnlySpan<float> scores)
    {
        if (_best.Length == scores.Length)
        {
            for (int i = 0; i < scores.Length; i++)
            {
                _best[i] = Key(scores[i], i);
            }

            Array.Sort(_best);
            return;
        }

        int count = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            ulong key = Key(scores[i], i);
            if (count < _best.Length || key < _best[^1])
            {
                int place = ~Array.BinarySearch(_best, 0, count, key);
                count = Math.Min(count + 1, _best.Length);
                Array.Copy(_best, place, _best, place + 1, count - place - 1);
                _best[place] = key;
            }
        }
    }

    // How many of the ranked may be drawn; writes their weights.
    private int Kept(ReadOnlySpan<float> scores)
    {
        double best = scores[Id(0)], sum = 0;
        for (int i = 0; i < _weights.Length; i++)
        {
            _weights[i] = Math.Exp((scores[Id(i)] - best) / options.Temperature);
            sum += _weights[i];
        }

        double reached = 0;
        int kept = 0;
        while (kept < _weights.Length && reached < options.TopP * sum)
        {
            reached += _weights[kept++];
        }

        return Math.Max(1, kept);
    }

    private int Draw(int kept)
    {
        double left = random.NextDouble() * Sum(kept);
        int chosen = 0;
        while (chosen < kept - 1 && left >= _weights[chosen])
        {
            left -= _weights[chosen++];
        }

        return Id(chosen);
    }

    private double Sum(int kept)
    {
        double sum = 0;
        for (int i = 0; i < kept; i++)
        {
            sum += _weights[i];
        }

        return sum;
    }

    private int Id(int rank) => (int)(uint)_best[rank];

    private static ulong Key(float score, int id)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score == 0 ? 0 : score);
        uint rising = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)~rising << 32) | (uint)id;
    }
}
