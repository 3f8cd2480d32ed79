using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>Tables of one block of queries: for each sample its four corners, their bilinear weights and the slopes of these.</summary>
/// <remarks>A corner outside its level has weight and slope zero and a clamped address, so the loops over corners need no branch.</remarks>
internal readonly unsafe struct MsDeformAttnTaps
{
    private const int Tables = 23;
    private readonly float* _memory;
    private readonly int _stride;

    /// <summary>Lays the tables into memory of <see cref="Floats"/> floats.</summary>
    public MsDeformAttnTaps(float* memory, MsDeformAttnPlan plan)
    {
        _memory = memory;
        _stride = plan.LevelStart.Length;
    }

    /// <summary>Entries from one corner's table to the next corner's.</summary>
    public int Stride => _stride;

    /// <summary>Attention weight times bilinear weight of corner 0..3 (y0x0, y0x1, y1x0, y1x1).</summary>
    public float* Weight(int corner) => _memory + (corner * _stride);

    /// <summary>Offset of the corner's row in a packed [S, padded D] slice.</summary>
    public int* Row(int corner) => (int*)(_memory + ((4 + corner) * _stride));

    /// <summary>Dot product of the corner's row with the output gradient; filled by the backward pass.</summary>
    public float* Dot(int corner) => _memory + ((8 + corner) * _stride);

    private float* X => _memory + (12 * _stride);

    private float* Y => _memory + (13 * _stride);

    private float* Attention => _memory + (14 * _stride);

    /// <summary>Floats needed for the tables.</summary>
    public static int Floats(MsDeformAttnPlan plan) => Tables * plan.LevelStart.Length;

    /// <summary>Reads a block's locations and weights and fills weights and rows.</summary>
    /// <param name="plan">Sizes.</param>
    /// <param name="locations">First query's locations of this head.</param>
    /// <param name="weights">First query's weights of this head.</param>
    /// <param name="queries">Queries in the block.</param>
    public void Fill(MsDeformAttnPlan plan, float* locations, float* weights, int queries)
    {
        Collect(plan, locations, weights, queries);
        int count = Lanes.RoundUp(queries * plan.Samples);
        fixed (float* width = plan.LevelWidth, height = plan.LevelHeight)
        fixed (int* start = plan.LevelStart)
        {
            for (int i = 0; i < count; i += Lanes.Count)
            {
                Vector512<float> w = Vector512.Load(width + i);
                Vector512<int> x0 = Axis(Vector512.Load(X + i), w, Side(0) + i, Side(1) + i, Side(2) + i, Side(3) + i, out Vector512<int> x1);
                Vector512<int> y0 =
                    Axis(Vector512.Load(Y + i), Vector512.Load(height + i), Side(4) + i, Side(5) + i, Side(6) + i, Side(7) + i, out Vector512<int> y1);
                Vector512<int> pitch = Vector512.ConvertToInt32(w);
                Vector512<int> row0 = Vector512.Load(start + i) + (y0 * pitch);
                Vector512<int> row1 = Vector512.Load(start + i) + (y1 * pitch);
                Vector512<int> size = Vector512.Create(plan.PaddedWidth);
                ((row0 + x0) * size).Store(Row(0) + i);
                ((row0 + x1) * size).Store(Row(1) + i);
                ((row1 + x0) * size).Store(Row(2) + i);
                ((row1 + x1) * size).Store(Row(3) + i);
                StoreWeights(i);
            }
        }
    }

    /// <summary>Turns the dot products into the gradients of locations and weights.</summary>
    public void Gradients(MsDeformAttnPlan plan, float* dLocations, float* dWeights, int queries)
    {
        int count = Lanes.RoundUp(queries * plan.Samples);
        for (int i = 0; i < count; i += Lanes.Count)
        {
            Vector512<float> d00 = Vector512.Load(Dot(0) + i);
            Vector512<float> d01 = Vector512.Load(Dot(1) + i);
            Vector512<float> d10 = Vector512.Load(Dot(2) + i);
            Vector512<float> d11 = Vector512.Load(Dot(3) + i);
            Vector512<float> wx0 = Vector512.Load(Side(0) + i);
            Vector512<float> wx1 = Vector512.Load(Side(1) + i);
            Vector512<float> wy0 = Vector512.Load(Side(4) + i);
            Vector512<float> wy1 = Vector512.Load(Side(5) + i);
            Vector512<float> upper = (wx0 * d00) + (wx1 * d01);
            Vector512<float> lower = (wx0 * d10) + (wx1 * d11);
            Vector512<float> left = (wy0 * d00) + (wy1 * d10);
            Vector512<float> right = (wy0 * d01) + (wy1 * d11);
            Vector512<float> attention = Vector512.Load(Attention + i);
            (attention * ((Vector512.Load(Side(2) + i) * left) + (Vector512.Load(Side(3) + i) * right))).Store(X + i);
            (attention * ((Vector512.Load(Side(6) + i) * upper) + (Vector512.Load(Side(7) + i) * lower))).Store(Y + i);
            ((wy0 * upper) + (wy1 * lower)).Store(Attention + i);
        }

        Spread(plan, dLocations, dWeights, queries);
    }

    /// <summary>One axis: corner weights, their slopes by the normalised location, and clamped corner indices.</summary>
    private static Vector512<int> Axis(
        Vector512<float> location, Vector512<float> size, float* w0, float* w1, float* slope0, float* slope1, out Vector512<int> next)
    {
        Vector512<float> pixel = (location * size) - Vector512.Create(0.5f);
        Vector512<float> floor = Vector512.Floor(pixel);
        Vector512<float> fraction = pixel - floor;
        Vector512<float> last = size - Vector512<float>.One;
        Vector512<float> inside0 = Vector512.GreaterThanOrEqual(floor, Vector512<float>.Zero) & Vector512.LessThanOrEqual(floor, last);
        Vector512<float> inside1 = Vector512.GreaterThanOrEqual(floor, -Vector512<float>.One) & Vector512.LessThan(floor, last);
        ((Vector512<float>.One - fraction) & inside0).Store(w0);
        (fraction & inside1).Store(w1);
        (-size & inside0).Store(slope0);
        (size & inside1).Store(slope1);
        next = Vector512.ConvertToInt32((floor + Vector512<float>.One) & inside1);
        return Vector512.ConvertToInt32(floor & inside0);
    }

    private float* Side(int table) => _memory + ((15 + table) * _stride);

    private void StoreWeights(int i)
    {
        Vector512<float> attention = Vector512.Load(Attention + i);
        Vector512<float> upper = attention * Vector512.Load(Side(4) + i);
        Vector512<float> lower = attention * Vector512.Load(Side(5) + i);
        Vector512<float> left = Vector512.Load(Side(0) + i);
        Vector512<float> right = Vector512.Load(Side(1) + i);
        (upper * left).Store(Weight(0) + i);
        (upper * right).Store(Weight(1) + i);
        (lower * left).Store(Weight(2) + i);
        (lower * right).Store(Weight(3) + i);
    }

    private void Collect(MsDeformAttnPlan plan, float* locations, float* weights, int queries)
    {
        float* x = X;
        float* y = Y;
        float* attention = Attention;
        int i = 0;
        for (int q = 0; q < queries; q++, locations += 2L * plan.Heads * plan.Samples, weights += (long)plan.Heads * plan.Samples)
        {
            for (int s = 0; s < plan.Samples; s++, i++)
            {
                x[i] = locations[2 * s];
                y[i] = locations[(2 * s) + 1];
                attention[i] = weights[s];
            }
        }

        for (int end = Lanes.RoundUp(i); i < end; i++)
        {
            (x[i], y[i], attention[i]) = (0, 0, 0);
        }
    }

    private void Spread(MsDeformAttnPlan plan, float* dLocations, float* dWeights, int queries)
    {
        float* x = X;
        float* y = Y;
        float* attention = Attention;
        int i = 0;
        for (int q = 0; q < queries; q++, dLocations += 2L * plan.Heads * plan.Samples, dWeights += (long)plan.Heads * plan.Samples)
        {
            for (int s = 0; s < plan.Samples; s++, i++)
            {
                dLocations[2 * s] = x[i];
                dLocations[(2 * s) + 1] = y[i];
                dWeights[s] = attention[i];
            }
        }
    }
}
