using Clouds.Graph.Randomness;

namespace Clouds.Native.Benchmarks;

/// <summary>A label map to be timed.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Binary">Whether 0 is background; else classes 0 to 18 and 255 = ignored.</param>
/// <param name="Pixels">[height, width].</param>
internal sealed record BenchMap(string Name, int Height, int Width, bool Binary, byte[] Pixels);

/// <summary>Maps made here, for timings without files: scenes with smooth or rough borders, and noise.</summary>
internal static class BenchMaps
{
    private const int Classes = 19;
    private const int Levels = 6;

    /// <summary>Scenes and noise of one size.</summary>
    public static IReadOnlyList<BenchMap> Make(int height, int width) =>
    [
        Scene("scene clean", height, width, roughness: 0, speckle: 0),
        Scene("scene rough", height, width, roughness: 0.2f, speckle: 0),
        Scene("scene speckle", height, width, roughness: 0, speckle: 0.02f),
        .. new[] { 10, 50, 90 }.Select(percent => Noise(height, width, percent)),
    ];

    private static BenchMap Noise(int height, int width, int percent)
    {
        RandomStream random = new((ulong)percent, "bench noise");
        byte[] pixels = new byte[height * width];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(random.NextSingle() * 100 < percent ? 1 : 0);
        }

        return new BenchMap($"noise {percent} %", height, width, Binary: true, pixels);
    }

    /// <summary>Regions between the level lines of smooth fields; roughness shakes the lines, speckle replaces pixels.</summary>
    private static BenchMap Scene(string name, int height, int width, float roughness, float speckle)
    {
        RandomStream random = new(19, "bench scene");
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

        return new BenchMap(name, height, width, Binary: false, pixels);
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
