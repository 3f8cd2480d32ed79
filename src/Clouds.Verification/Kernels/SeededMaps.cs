using Clouds.Graph.Randomness;

namespace Clouds.Verification.Kernels;

/// <summary>Class maps made here: scenes with smooth or rough borders, noise, and lines that wind.</summary>
internal static class SeededMaps
{
    private const int Classes = 19;
    private const int Levels = 6;

    /// <summary>Zeros and ones.</summary>
    public static byte[] Noise(int height, int width, int percent, ulong seed)
    {
        RandomStream random = new(seed, "bench noise");
        byte[] pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(random.NextSingle() * 100 < percent ? 1 : 0);
        }

        return pixels;
    }

    /// <summary>Regions between the level lines of smooth fields; roughness shakes the lines, speckle replaces pixels; 255 at the bottom.</summary>
    public static byte[] Scene(int height, int width, float roughness, float speckle, ulong seed)
    {
        RandomStream random = new(seed, "bench scene");
        SmoothField regions = new(random, height, width, height / 4);
        SmoothField details = new(random, height, width, height / 12);
        SmoothField shake = new(random, height, width, 3);
        byte[] pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, width);
            float level = regions[x, y] + (0.15f * details[x, y]) + (roughness * (shake[x, y] - 0.5f));
            int own = 3 * Math.Clamp((int)(level * Levels), 0, Levels - 1);
            pixels[i] = y > height * 0.94f ? (byte)255 : random.NextSingle() < speckle ? (byte)random.NextInt32(Classes) : (byte)own;
        }

        return pixels;
    }

    /// <summary>One line that runs to and fro over the whole map: the longest way from a component's first pixel to its last.</summary>
    public static byte[] Snake(int height, int width)
    {
        byte[] pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, width);
            pixels[i] = (byte)(y % 2 == 0 || x == (y % 4 == 1 ? width - 1 : 0) ? 2 : 5);
        }

        return pixels;
    }

    /// <summary>Random values on a lattice, bilinear between.</summary>
    private sealed class SmoothField
    {
        private readonly float[] _lattice;
        private readonly int _pitch;
        private readonly int _cell;

        public SmoothField(RandomStream random, int height, int width, int cell)
        {
            (_cell, _pitch) = (Math.Max(cell, 2), (width / Math.Max(cell, 2)) + 2);
            _lattice = new float[_pitch * ((height / _cell) + 2)];
            random.Fill(_lattice);
        }

        public float this[int x, int y]
        {
            get
            {
                int at = (y / _cell * _pitch) + (x / _cell);
                (float u, float v) = ((float)(x % _cell) / _cell, (float)(y % _cell) / _cell);
                float upper = _lattice[at] + (u * (_lattice[at + 1] - _lattice[at]));
                float lower = _lattice[at + _pitch] + (u * (_lattice[at + _pitch + 1] - _lattice[at + _pitch]));
                return upper + (v * (lower - upper));
            }
        }
    }
}
