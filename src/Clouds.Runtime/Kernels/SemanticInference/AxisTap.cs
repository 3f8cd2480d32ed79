namespace Clouds.Runtime.Kernels;

/// <summary>A row of the tables that the CUDA kernels read of a <see cref="BilinearAxis"/>.</summary>
/// <param name="First">Lower neighbour.</param>
/// <param name="Second">Upper neighbour.</param>
/// <param name="Fraction">Weight of the upper one.</param>
internal readonly record struct AxisTap(int First, int Second, float Fraction)
{
    /// <summary>The first rows of an axis.</summary>
    public static AxisTap[] Of(BilinearAxis axis, int count)
        => [.. Enumerable.Range(0, count).Select(i => new AxisTap(axis.First[i], axis.Second[i], axis.Fraction[i]))];
}
