using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>Where on a face a colour is asked for.</summary>
/// <param name="U">Along the face, metres (on the ground: lateral position in the street).</param>
/// <param name="V">Up the face, metres (on the ground: distance along the street).</param>
/// <param name="A">Across the bounding rectangle, -1 to 1.</param>
/// <param name="B">Up the bounding rectangle, -1 to 1.</param>
/// <param name="Footprint">Metres that one pixel covers here; details finer than this should fade.</param>
internal readonly record struct Spot(float U, float V, float A, float B, float Footprint);

/// <summary>Colour as a function of the place on a face; immutable.</summary>
internal abstract class Material
{
    /// <summary>The colour before light and weather.</summary>
    public abstract Vector4 Shade(in Spot spot);

    /// <summary>How much of a detail of a given size (metres) survives a footprint, 0..1.</summary>
    protected static float Keep(float size, float footprint)
    {
        float ratio = footprint / size;
        return 1 / (1 + (ratio * ratio));
    }

    /// <summary>Distance into the repeating cell, 0..1.</summary>
    protected static float Fraction(float value) => value - MathF.Floor(value);
}
