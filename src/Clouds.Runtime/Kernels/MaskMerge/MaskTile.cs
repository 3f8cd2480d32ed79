using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Runtime.Kernels;

/// <summary>How much of a tile a mask covers, as far as its logits alone tell.</summary>
internal enum TileCover
{
    /// <summary>No pixel: bilinear values lie between the logits, and none is positive.</summary>
    Nothing,

    /// <summary>Every pixel.</summary>
    Everything,

    /// <summary>Some; they have to be interpolated.</summary>
    Mixed,
}

/// <summary>
/// Masks of one tile of 32 x 32 output pixels, as 32 words of 32 bits. The two resizes are evaluated literally, rows and columns apart, with the
/// operations of kernels.md section 4 in their order; so the bits are those of a pixel-by-pixel evaluation. Immutable, shared by the threads.
/// </summary>
internal sealed unsafe class MaskTile
{
    /// <summary>Side of a tile, output pixels.</summary>
    public const int Side = 32;

    // Within these bounds no product of weights underflows to zero or overflows: an all-positive tile is covered for certain.
    private const float Smallest = 1e-20f;
    private const float Largest = 1e20f;

    private readonly MaskGeometry _geometry;
    private readonly TwoStageAxis _x;
    private readonly TwoStageAxis _y;

    // Logit columns of the near and far frame pixel of every output column, and their weights.
    private readonly int[][] _columns;
    private readonly float[][] _weights;

    public MaskTile(MaskGeometry geometry)
    {
        _geometry = geometry;
        _x = new TwoStageAxis(geometry.MaskWidth, geometry.FrameWidth, geometry.InputWidth, geometry.OutputWidth, Side);
        _y = new TwoStageAxis(geometry.MaskHeight, geometry.FrameHeight, geometry.InputHeight, geometry.OutputHeight, Side);
        _columns = [[.. _x.Near.Select(tap => tap.First)], [.. _x.Near.Select(tap => tap.Second)],
            [.. _x.Far.Select(tap => tap.First)], [.. _x.Far.Select(tap => tap.Second)]];
        _weights = [[.. _x.Near.Select(tap => tap.FirstWeight)], [.. _x.Near.Select(tap => tap.SecondWeight)],
            [.. _x.Far.Select(tap => tap.FirstWeight)], [.. _x.Far.Select(tap => tap.SecondWeight)]];
        int rows = 0;
        for (int y = 0; y < _y.Near.Length; y += Side)
        {
            rows = Math.Max(rows, LastRow(y) - _y.Near[y].First + 1);
        }

        ScratchFloats = ((2L * rows) + 2) * Side;
    }

    /// <summary>Tiles below one another.</summary>
    public int Rows => _y.Near.Length / Side;

    /// <summary>Tiles beside one another.</summary>
    public int Columns => _x.Near.Length / Side;

    /// <summary>Floats of scratch that interpolating a tile takes.</summary>
    public long ScratchFloats { get; }

    /// <summary>Looks at the logits below a tile.</summary>
    /// <param name="mask">Logits [MaskHeight, MaskWidth].</param>
    /// <param name="tileY">Tile row.</param>
    /// <param name="tileX">Tile column.</param>
    public TileCover Look(float* mask, int tileY, int tileX)
    {
        (int left, int right) = (_x.Near[tileX * Side].First, _x.Far[(tileX * Side) + Side - 1].Second);
        (bool anyPositive, bool anyOther) = (false, false);
        for (int y = _y.Near[tileY * Side].First; y <= LastRow(tileY * Side); y++)
        {
            float* row = mask + ((long)y * _geometry.MaskWidth);
            int x = left;
            for (; x + 8 <= right + 1; x += 8)
            {
                Vector256<float> logits = Vector256.Load(row + x);
                anyPositive |= Vector256.GreaterThanAny(logits, Vector256<float>.Zero);
                anyOther |= !(Vector256.GreaterThanAll(logits, Vector256.Create(Smallest)) && Vector256.LessThanAll(logits, Vector256.Create(Largest)));
            }

            for (; x <= right; x++)
            {
                anyPositive |= row[x] > 0;
                anyOther |= !(row[x] > Smallest && row[x] < Largest);
            }

            if (anyPositive && anyOther)
            {
                return TileCover.Mixed;
            }
        }

        return anyPositive ? TileCover.Everything : TileCover.Nothing;
    }

    /// <summary>Interpolates a tile.</summary>
    /// <param name="mask">Logits [MaskHeight, MaskWidth].</param>
    /// <param name="tileY">Tile row.</param>
    /// <param name="tileX">Tile column.</param>
    /// <param name="words">32 words, overwritten: bit x of word y says that the value is above 0. Pixels beyond the output are rubbish.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    public void Interpolate(float* mask, int tileY, int tileX, uint* words, float* scratch)
    {
        FrameRows rows = Start(mask, tileY, tileX, scratch);
        for (int i = 0; i < Side; i++)
        {
            int y = (tileY * Side) + i;
            Advance(ref rows, y, tileX * Side);
            words[i] = Above(scratch, _y.NearWeight[y], _y.FarWeight[y]);
        }
    }

    /// <summary>Interpolates a tile and keeps the values: 32 rows of 32, overwritten; otherwise as above.</summary>
    public void Interpolate(float* mask, int tileY, int tileX, float* values, float* scratch)
    {
        FrameRows rows = Start(mask, tileY, tileX, scratch);
        for (int i = 0; i < Side; i++)
        {
            int y = (tileY * Side) + i;
            Advance(ref rows, y, tileX * Side);
            for (int x = 0; x < Side; x += 8)
            {
                Between(scratch + x, _y.NearWeight[y], _y.FarWeight[y]).Store(values + (i * Side) + x);
            }
        }
    }

    // Rows of logits below the tile, at the near and far frame pixels of its columns; and which two frame rows stand in the scratch.
    private struct FrameRows
    {
        public float* Near;
        public float* Far;
        public float* Pair;
        public int First;
        public int Second;
    }

    private FrameRows Start(float* mask, int tileY, int tileX, float* scratch)
    {
        int top = _y.Near[tileY * Side].First;
        float* near = scratch + (2 * Side);
        float* far = near + ((LastRow(tileY * Side) - top + 1) * Side);
        for (int y = top; y <= LastRow(tileY * Side); y++)
        {
            float* row = mask + ((long)y * _geometry.MaskWidth);
            Columns32(row, tileX * Side, 0, near + ((y - top) * Side));
            Columns32(row, tileX * Side, 2, far + ((y - top) * Side));
        }

        return new FrameRows { Near = near - (top * Side), Far = far - (top * Side), Pair = scratch, First = -1, Second = -1 };
    }

    // Brings the two frame rows around an output row to the start of the scratch.
    private void Advance(ref FrameRows rows, int y, int x)
    {
        if (_y.Near[y].Index == rows.Second)
        {
            // The far frame row of the last output row is the near one of this.
            new ReadOnlySpan<float>(rows.Pair + Side, Side).CopyTo(new Span<float>(rows.Pair, Side));
            rows.First = rows.Second;
        }

        rows.First = FrameRow(rows.First, _y.Near[y], rows.Near, rows.Far, x, rows.Pair);
        rows.Second = FrameRow(rows.Second, _y.Far[y], rows.Near, rows.Far, x, rows.Pair + Side);
    }

    private int LastRow(int y) => _y.Far[y + Side - 1].Second;

    /// <summary>Logits of one row between columns, at the near (which = 0) or far (2) frame pixels of 32 output columns.</summary>
    private void Columns32(float* row, int x, int which, float* result)
    {
        (int[] first, int[] second) = (_columns[which], _columns[which + 1]);
        (float[] firstWeight, float[] secondWeight) = (_weights[which], _weights[which + 1]);
        for (int i = 0; i < Side; i += 8)
        {
            Vector256<float> a = Gather(row, Vector256.LoadUnsafe(ref first[x + i]));
            Vector256<float> b = Gather(row, Vector256.LoadUnsafe(ref second[x + i]));
            ((Vector256.LoadUnsafe(ref firstWeight[x + i]) * a) + (Vector256.LoadUnsafe(ref secondWeight[x + i]) * b)).Store(result + i);
        }
    }

    /// <summary>32 output columns of one frame row, unless they are there already.</summary>
    private int FrameRow(int present, FrameTap tap, float* near, float* far, int x, float* result)
    {
        if (present == tap.Index)
        {
            return present;
        }

        Vector256<float> upper = Vector256.Create(tap.FirstWeight);
        Vector256<float> lower = Vector256.Create(tap.SecondWeight);
        (long first, long second) = ((long)tap.First * Side, (long)tap.Second * Side);
        for (int i = 0; i < Side; i += 8)
        {
            Vector256<float> a = (upper * Vector256.Load(near + first + i)) + (lower * Vector256.Load(near + second + i));
            Vector256<float> b = (upper * Vector256.Load(far + first + i)) + (lower * Vector256.Load(far + second + i));
            ((Vector256.LoadUnsafe(ref _x.NearWeight[x + i]) * a) + (Vector256.LoadUnsafe(ref _x.FarWeight[x + i]) * b)).Store(result + i);
        }

        return tap.Index;
    }

    private static uint Above(float* rows, float near, float far)
    {
        uint bits = 0;
        for (int i = 0; i < Side; i += 8)
        {
            bits |= Vector256.GreaterThan(Between(rows + i, near, far), Vector256<float>.Zero).ExtractMostSignificantBits() << i;
        }

        return bits;
    }

    private static Vector256<float> Between(float* rows, float near, float far) =>
        (Vector256.Create(near) * Vector256.Load(rows)) + (Vector256.Create(far) * Vector256.Load(rows + Side));

    private static Vector256<float> Gather(float* row, Vector256<int> columns)
        => Avx2.IsSupported
            ? Avx2.GatherVector256(row, columns, sizeof(float))
            : Vector256.Create(
                row[columns[0]], row[columns[1]], row[columns[2]], row[columns[3]], row[columns[4]], row[columns[5]], row[columns[6]], row[columns[7]]);
}
