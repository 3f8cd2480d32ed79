using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>The fixed 2-D position encoding (method.md section 1.5; PositionEmbeddingSine with normalisation).</summary>
public static class SinePosition
{
    private const double Temperature = 10000;

    // Keeps the quotient defined for a map without rows, in the reference.
    private const double Epsilon = 1e-6;

    /// <summary>Rows of a map in raster order: [height · width, features], y features first, values in -1..1.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="height">Rows of the map; where it is open, the graph computes the encoding, in single precision as the reference does.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="features">A multiple of 4.</param>
    public static Value Rows(GraphBuilder g, Dim height, Dim width, long features)
    {
        if (height.IsStatic && width.IsStatic)
        {
            return g.Constant(Rows(height.Size, width.Size, features), (height * width).Size, features);
        }

        Shape map = [height, width, features / 2];
        Value y = g.Expand(g.Unsqueeze(Waves(g, height, features / 2), 1), map);
        Value x = g.Expand(g.Unsqueeze(Waves(g, width, features / 2), 0), map);
        return g.Reshape(g.Concat(2, y, x), [height * width, features]);
    }

    /// <summary>The same as numbers.</summary>
    public static float[] Rows(long height, long width, long features)
    {
        long perAxis = features / 2;
        float[] rows = new float[height * width * features];
        for (long y = 0; y < height; y++)
        {
            for (long x = 0; x < width; x++)
            {
                Span<float> row = rows.AsSpan((int)(((y * width) + x) * features), (int)features);
                Fill(row[..(int)perAxis], Angle(y, height));
                Fill(row[(int)perAxis..], Angle(x, width));
            }
        }

        return rows;
    }

    /// <summary>The angle of a row or column before division: 2π at the last one.</summary>
    public static double Angle(long index, long size) => (index + 1) / (size + Epsilon) * 2 * Math.PI;

    private static void Fill(Span<float> features, double angle)
    {
        for (int k = 0; k < features.Length; k++)
        {
            double scaled = angle / Divisor(k, features.Length);
            features[k] = (float)(k % 2 == 0 ? Math.Sin(scaled) : Math.Cos(scaled));
        }
    }

    // [size, features]; every second one is a cosine, a sine a quarter turn ahead.
    private static Value Waves(GraphBuilder g, Dim size, long features)
    {
        float[] frequencies = [.. Enumerable.Range(0, (int)features).Select(k => (float)(2 * Math.PI / Divisor(k, features)))];
        float[] phases = [.. Enumerable.Range(0, (int)features).Select(k => k % 2 == 0 ? 0 : (float)(Math.PI / 2))];
        Value turns = g.Div(g.Add(g.Counting(size), 1f), g.Add(g.SizeAsFloat(size), (float)Epsilon));          // [size], 1 at the last one
        Value angles = g.Mul(g.Unsqueeze(turns, 1), g.Constant(frequencies, 1, features));
        Value shifted = g.Add(angles, g.Constant(phases, 1, features));
        return g.Emit("Sin", [shifted], ElementType.Float, shifted.Shape);
    }

    private static double Divisor(int feature, long features) => Math.Pow(Temperature, 2 * (feature / 2) / (double)features);
}
