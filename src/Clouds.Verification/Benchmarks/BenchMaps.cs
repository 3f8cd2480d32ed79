using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>A label map to be timed.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Binary">Whether 0 is background; else classes 0 to 18 and 255 = ignored.</param>
/// <param name="Pixels">[height, width].</param>
public sealed record BenchMap(string Name, int Height, int Width, bool Binary, byte[] Pixels);

/// <summary>Maps made here, for timings without files: scenes with smooth or rough borders, and noise.</summary>
internal static class BenchMaps
{
    private const ulong SceneSeed = 19;

    /// <summary>Scenes and noise of one size.</summary>
    public static IReadOnlyList<BenchMap> Make(int height, int width) =>
    [
        Scene("scene clean", height, width, roughness: 0, speckle: 0),
        Scene("scene rough", height, width, roughness: 0.2f, speckle: 0),
        Scene("scene speckle", height, width, roughness: 0, speckle: 0.02f),
        .. new[] { 10, 50, 90 }
        .Select(percent => new BenchMap($"noise {percent} %", height, width, Binary: true, SeededMaps.Noise(height, width, percent, (ulong)percent))),
    ];

    private static BenchMap Scene(string name, int height, int width, float roughness, float speckle)
        => new(name, height, width, Binary: false, SeededMaps.Scene(height, width, roughness, speckle, SceneSeed));
}
