namespace Clouds.Training.Streets.Materials;

/// <summary>One tile of fractal value noise, 256 x 256, repeating in both directions; written once and only read afterwards.</summary>
internal static class NoiseTile
{
    private const int Side = 256;
    private static readonly float[] Values = Make();

    /// <summary>Noise around 0.5, mostly in 0.1 .. 0.9, bilinear between lattice points one unit apart.</summary>
    /// <param name="u">Across, lattice units.</param>
    /// <param name="v">Up, lattice units.</param>
    /// <param name="seed">Moves the window on the tile.</param>
    public static float Sample(float u, float v, uint seed)
    {
        float floorU = MathF.Floor(u);
        float floorV = MathF.Floor(v);
        float du = u - floorU;
        float dv = v - floorV;
        int x0 = ((int)floorU + (int)(seed & 255)) & (Side - 1);
        int y0 = (((int)floorV + (int)((seed >> 8) & 255)) & (Side - 1)) * Side;
        int x1 = (x0 + 1) & (Side - 1);
        int y1 = (y0 + Side) & ((Side * Side) - 1);
        float[] values = Values;
        float top = values[y0 + x0] + ((values[y0 + x1] - values[y0 + x0]) * du);
        float bottom = values[y1 + x0] + ((values[y1 + x1] - values[y1 + x0]) * du);
        return top + ((bottom - top) * dv);
    }

    /// <summary>32 well mixed bits of a lattice point.</summary>
    public static uint Hash(int x, int y, uint seed)
    {
        uint h = seed ^ ((uint)x * 0x85EBCA77u) ^ ((uint)y * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return h ^ (h >> 15);
    }

    /// <summary>Uniform in [0, 1) at a lattice point.</summary>
    public static float Uniform(int x, int y, uint seed) => (Hash(x, y, seed) >> 8) * (1f / (1 << 24));

    private static float[] Make()
    {
        float[] values = new float[Side * Side];
        float weight = 0.4f;
        for (int cell = 16; cell >= 1; cell /= 2, weight *= 0.72f)
        {
            AddOctave(values, cell, weight);
        }

        // The five weights sum to 1.152; the mean moves to 0.5 and the spread is widened.
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 0.5f + ((values[i] - 0.576f) * 1.5f);
        }

        return values;
    }

    private static void AddOctave(float[] values, int cell, float weight)
    {
        int cells = Side / cell;
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                float du = Smooth((x % cell) / (float)cell);
                float dv = Smooth((y % cell) / (float)cell);
                int x0 = x / cell;
                int y0 = y / cell;
                int x1 = (x0 + 1) % cells;
                int y1 = (y0 + 1) % cells;
                uint seed = (uint)cell;
                float top = Uniform(x0, y0, seed) + ((Uniform(x1, y0, seed) - Uniform(x0, y0, seed)) * du);
                float bottom = Uniform(x0, y1, seed) + ((Uniform(x1, y1, seed) - Uniform(x0, y1, seed)) * du);
                values[(y * Side) + x] += weight * (top + ((bottom - top) * dv));
            }
        }
    }

    private static float Smooth(float t) => t * t * (3 - (2 * t));
}
