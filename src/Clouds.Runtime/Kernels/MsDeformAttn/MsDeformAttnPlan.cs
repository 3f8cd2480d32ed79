namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of one multi-scale deformable attention (method.md section 1.3), and its level table spread over a block of queries.</summary>
public sealed class MsDeformAttnPlan
{
    /// <summary>Queries whose sampling taps are worked out together: their tables stay in the first-level cache.</summary>
    public const int BlockQueries = 16;

    /// <summary>Checks the sizes and lays out the table.</summary>
    /// <param name="levels">Height and width of each level: H0, W0, H1, W1, ...</param>
    /// <param name="batch">B.</param>
    /// <param name="tokens">S, the sum of H·W over the levels.</param>
    /// <param name="heads">M.</param>
    /// <param name="width">D, channels a head.</param>
    /// <param name="queries">Q.</param>
    /// <param name="points">P, samples a level.</param>
    public MsDeformAttnPlan(ReadOnlySpan<int> levels, int batch, int tokens, int heads, int width, int queries, int points)
    {
        (Batch, Tokens, Heads, Width, Queries, Points) = (batch, tokens, heads, width, queries, points);
        Levels = levels.Length / 2;
        Samples = Levels * points;
        PaddedWidth = Lanes.RoundUp(width);
        Check(levels);
        int length = Lanes.RoundUp(BlockQueries * Samples);
        (LevelWidth, LevelHeight, LevelStart) = (new float[length], new float[length], new int[length]);
        for (int i = 0; i < length; i++)
        {
            int level = Samples == 0 ? 0 : i % Samples / points;
            LevelHeight[i] = levels[2 * level];
            LevelWidth[i] = levels[(2 * level) + 1];
            LevelStart[i] = Start(levels, level);
        }
    }

    /// <summary>B.</summary>
    public int Batch { get; }

    /// <summary>S.</summary>
    public int Tokens { get; }

    /// <summary>M.</summary>
    public int Heads { get; }

    /// <summary>D.</summary>
    public int Width { get; }

    /// <summary>D rounded up to whole vectors.</summary>
    public int PaddedWidth { get; }

    /// <summary>Q.</summary>
    public int Queries { get; }

    /// <summary>L.</summary>
    public int Levels { get; }

    /// <summary>P.</summary>
    public int Points { get; }

    /// <summary>L · P, samples a query and head.</summary>
    public int Samples { get; }

    /// <summary>Elements of the value, B·S·M·D.</summary>
    public long ValueCount => (long)Batch * Tokens * Heads * Width;

    /// <summary>Elements of the weights, B·Q·M·L·P; the locations have twice as many.</summary>
    public long WeightCount => (long)Batch * Queries * Heads * Samples;

    /// <summary>Elements of the output, B·Q·M·D.</summary>
    public long OutputCount => (long)Batch * Queries * Heads * Width;

    /// <summary>Units of work: a batch item's head is one, forward and backward.</summary>
    public int Units => Batch * Heads;

    /// <summary>Width of the level of sample i of a block.</summary>
    internal float[] LevelWidth { get; }

    /// <summary>Height of the level of sample i of a block.</summary>
    internal float[] LevelHeight { get; }

    /// <summary>First token of the level of sample i of a block.</summary>
    internal int[] LevelStart { get; }

    private static int Start(ReadOnlySpan<int> levels, int level)
    {
        int start = 0;
        for (int i = 0; i < level; i++)
        {
            start += levels[2 * i] * levels[(2 * i) + 1];
        }

        return start;
    }

    private void Check(ReadOnlySpan<int> levels)
    {
        if (levels.Length == 0 || levels.Length % 2 != 0 || levels.ContainsAnyExceptInRange(1, 1 << 20))
        {
            throw new ArgumentException(
                $"deformable attention: levels must be pairs of positive heights and widths, found [{string.Join(", ", levels.ToArray())}]");
        }

        if (Start(levels, Levels) != Tokens)
        {
            throw new ArgumentException($"deformable attention: the levels hold {Start(levels, Levels)} tokens, the value tensor {Tokens}");
        }

        if ((long)Tokens * PaddedWidth > int.MaxValue)
        {
            throw new ArgumentException($"deformable attention: {Tokens} tokens of {Width} channels a head are too many");
        }
    }
}
