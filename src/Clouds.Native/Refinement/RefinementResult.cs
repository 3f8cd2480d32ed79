using Clouds.Native.Images;

namespace Clouds.Native.Refinement;

/// <summary>A class of a refined label map: what the mask losses take as a target.</summary>
public sealed class ClassMask
{
    internal ClassMask(int id, PixelMask mask) => (Class, Mask) = (id, mask);

    /// <summary>Train id.</summary>
    public int Class { get; }

    /// <summary>Its pixels; none where all of them were lost to overlaps.</summary>
    public PixelMask Mask { get; }
}

/// <summary>A refined label map, and the record of how it came about.</summary>
public sealed class RefinementResult
{
    internal RefinementResult(LabelMap map, IReadOnlyList<ClassMask> classes, IReadOnlyList<RefinedComponent> components)
        => (Map, Classes, Components) = (map, classes, components);

    /// <summary>
    /// Train ids: the class of a pixel's masks, and 255 where there is no mask or masks clash. The given map itself, pixel by pixel, where
    /// <see cref="IsUnrefined"/>.
    /// </summary>
    public LabelMap Map { get; }

    /// <summary>A mask for each class that has one or had prompts, ids ascending.</summary>
    public IReadOnlyList<ClassMask> Classes { get; }

    /// <summary>Every component: those larger than the threshold in the order of (class, first pixel), then likewise the others, if they are listed.</summary>
    public IReadOnlyList<RefinedComponent> Components { get; }

    /// <summary>Whether the map was left as it is because no component was prompted (method.md section 4.2, step 12).</summary>
    public bool IsUnrefined { get; init; }

    /// <summary>Pixels on which masks clash, by the rule of <see cref="RefinementOptions.Overlap"/>.</summary>
    public int Conflicts { get; init; }

    /// <summary>Calls of the predictor, second passes not counted.</summary>
    public int Chunks { get; init; }
}
