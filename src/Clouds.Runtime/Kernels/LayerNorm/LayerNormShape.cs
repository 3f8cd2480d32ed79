namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a layer normalisation.</summary>
/// <param name="Rows">R.</param>
/// <param name="Width">D.</param>
public readonly record struct LayerNormShape(int Rows, int Width)
{
    /// <summary>Rows whose scale and bias gradients are summed together; fixed, so that the bits do not depend on the threads.</summary>
    public const int ChunkRows = 128;

    /// <summary>Elements of x and y.</summary>
    public long Elements => (long)Rows * Width;

    /// <summary>Units of work of the backward pass.</summary>
    public int Chunks => (Rows + ChunkRows - 1) / ChunkRows;

    /// <summary>Floats of the partial sums: scale and bias gradients of each chunk, [chunks, 2, D].</summary>
    public long PartialFloats => 2L * Chunks * Width;
}
