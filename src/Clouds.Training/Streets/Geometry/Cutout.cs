using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Geometry;

/// <summary>Which part of a face's bounding rectangle is really there.</summary>
internal enum CutoutShape
{
    /// <summary>The whole outline.</summary>
    None,

    /// <summary>The inscribed ellipse.</summary>
    Ellipse,

    /// <summary>An ellipse with a fractal edge and holes: the crown of a tree.</summary>
    Leaves,

    /// <summary>Everything below a fractal upper edge: a hedge, a far treeline.</summary>
    RaggedTop,
}

/// <summary>A shape and the seed of its noise.</summary>
internal readonly record struct Cutout(CutoutShape Shape, uint Seed = 0)
{
    /// <summary>True where the face is solid.</summary>
    /// <param name="a">Across the bounding rectangle, -1 to 1.</param>
    /// <param name="b">Up the bounding rectangle, -1 to 1.</param>
    public bool Contains(float a, float b)
    {
        float radius = (a * a) + (b * b);
        return Shape switch
        {
            CutoutShape.None => true,
            CutoutShape.Ellipse => radius <= 1,
            CutoutShape.Leaves => radius <= 0.1f || (radius <= 1 && radius + (1.1f * (NoiseTile.Sample(a * 18, b * 18, Seed) - 0.5f)) <= 0.55f),
            CutoutShape.RaggedTop => b < 0.1f || b < 1.6f * NoiseTile.Sample(a * 40, b * 6, Seed),
            _ => throw new InvalidOperationException($"unknown cutout {Shape}"),
        };
    }
}
