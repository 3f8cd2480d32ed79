namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a sum by row.</summary>
/// <param name="Blocks">B, blocks whose indices name rows of their own.</param>
/// <param name="Updates">K, updates a block.</param>
/// <param name="Rows">R, rows a block.</param>
/// <param name="Width">D, floats a row.</param>
public readonly record struct ScatterAddShape(int Blocks, int Updates, int Rows, int Width)
{
    /// <summary>Ranges offered to a session's threads.</summary>
    public const int Parts = 16;

    /// <summary>Elements of the output.</summary>
    public long Sums => (long)Blocks * Rows * Width;

    /// <summary>Elements of the updates.</summary>
    public long Terms => (long)Blocks * Updates * Width;

    /// <summary>A list of updates for each row, and one behind each block.</summary>
    public long Lists => Blocks * (Rows + 1L);
}
