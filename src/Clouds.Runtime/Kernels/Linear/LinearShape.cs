namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a product of R rows of K numbers with a matrix of K x O, and how it is cut: tiles of y that stay in registers, parts of K.</summary>
/// <param name="Rows">R.</param>
/// <param name="Inner">K.</param>
/// <param name="Outputs">O.</param>
public readonly record struct LinearShape(int Rows, int Inner, int Outputs)
{
    /// <summary>Rows of a tile: with two vectors each they take 24 of 32 registers.</summary>
    internal const int TileRows = 12;

    /// <summary>Columns of a tile, two vectors of 16.</summary>
    internal const int TileColumns = 32;

    /// <summary>Tiles whose rows are laid out at a time: with 512 numbers each a quarter of a second-level cache.</summary>
    internal const int TilesAtOnce = 10;

    /// <summary>Columns that are gone through before the next rows.</summary>
    internal const int ColumnsAtOnce = 1024;

    private const int MostDepth = 512;

    /// <summary>Tiles from top to bottom: the units of the product's work.</summary>
    public int Tiles => (Rows + TileRows - 1) / TileRows;

    /// <summary>Columns of tiles: the units of laying out the matrix.</summary>
    public int Panels => (Outputs + TileColumns - 1) / TileColumns;

    /// <summary>Floats of the matrix as it is laid out, full panels.</summary>
    public long PackedFloats => (long)Panels * TileColumns * Inner;

    /// <summary>
    /// Numbers of K that are added up before the sum goes to y. The parts of one K are nearly equal, and the same on any number of threads.
    /// </summary>
    internal int Depth
    {
        get
        {
            int parts = (Inner + MostDepth - 1) / MostDepth;
            return Lanes.RoundUp((Inner + parts - 1) / parts);
        }
    }
}
