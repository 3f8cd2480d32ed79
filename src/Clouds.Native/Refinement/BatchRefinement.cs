using Clouds.Native.Images;

namespace Clouds.Native.Refinement;

/// <summary>An image among others whose label maps lie one behind the other.</summary>
/// <param name="Image">What was labelled; of the size of all maps.</param>
/// <param name="Place">Which of the maps is its, from 0.</param>
/// <param name="Seed">What its points are a function of.</param>
public sealed record BatchImage(RgbImage Image, int Place, PointSeed Seed);

/// <summary>
/// Label maps of one size in the memory of a GPU, [count, height, width] bytes: train ids 0..254, and 255 where there is none. The memory is the caller's. It
/// belongs to the GPU's primary context, and what it holds is complete when it is given.
/// </summary>
/// <param name="Address">Device address of the first pixel, a multiple of 4.</param>
/// <param name="Count">Maps.</param>
/// <param name="Height">Rows of each.</param>
/// <param name="Width">Columns of each.</param>
public readonly record struct GpuLabelMaps(ulong Address, int Count, int Height, int Width);

/// <summary>What a refined map of a batch holds; the map itself is in the caller's memory.</summary>
public sealed class RefinedMap
{
    internal RefinedMap(int place, IReadOnlyList<int> classes, int prompts) => (Place, Classes, Prompts) = (place, classes, prompts);

    /// <summary>Which of the maps it is.</summary>
    public int Place { get; }

    /// <summary>
    /// Train ids that are targets, ascending: those that have masks, also where these have lost all their pixels, unless
    /// <see cref="RefinementOptions.DropEmpty"/>. Where <see cref="IsUnrefined"/>, all ids of the map.
    /// </summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>Components that were asked for.</summary>
    public int Prompts { get; }

    /// <summary>Whether the map was left as it is because no component was prompted (method.md section 4.2, step 12).</summary>
    public bool IsUnrefined => Prompts == 0;
}
