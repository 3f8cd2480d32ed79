namespace Clouds.Models.Layers;

/// <summary>The fixed 2-D position encoding (method.md section 1.5; PositionEmbeddingSine with normalisation).</summary>
public static class SinePosition
{
    private const double Temperature = 10000;

    /// <summary>Rows of a map in raster order: [height · width, features], y features first, values in -1..1.</summary>
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
    public static double Angle(long index, long size) => (index + 1) / (size + 1e-6) * 2 * Math.PI;

    private static void Fill(Span<float> features, double angle)
    {
        for (int k = 0; k < features.Length; k++)
        {
            double scaled = angle / Math.Pow(Temperature, 2 * (k / 2) / (double)features.Length);
            features[k] = (float)(k % 2 == 0 ? Math.Sin(scaled) : Math.Cos(scaled));
        }
    }
}
