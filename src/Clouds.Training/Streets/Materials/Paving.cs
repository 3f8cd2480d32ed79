using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>Slabs with joints: sidewalks.</summary>
internal sealed class Paving(Vector4 colour, float slab, uint seed) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float keep = Keep(slab, spot.Footprint * 2);
        bool joint = Fraction(spot.U / slab) < 0.06f || Fraction(spot.V / slab) < 0.06f;
        float tone = NoiseTile.Uniform((int)MathF.Floor(spot.U / slab), (int)MathF.Floor(spot.V / slab), seed) - 0.5f;
        float dirt = NoiseTile.Sample(spot.U * 4, spot.V * 2, seed) - 0.5f;
        return Colour.Scale(colour, 1 + (0.2f * dirt) + (keep * ((joint ? -0.28f : 0) + (0.12f * tone))));
    }
}

/// <summary>Bricks or rough stones in courses: walls.</summary>
internal sealed class Masonry(Vector4 brick, Vector4 mortar, float course, uint seed) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float row = MathF.Floor(spot.V / course);
        float along = (spot.U / (course * 2.4f)) + (Fraction(row * 0.5f) * 0.9f);
        bool joint = Fraction(spot.V / course) < 0.12f || Fraction(along) < 0.07f;
        float tone = NoiseTile.Uniform((int)MathF.Floor(along), (int)row, seed) - 0.5f;
        float stain = NoiseTile.Sample(spot.U * 3, spot.V * 3, seed) - 0.5f;
        float keep = Keep(course, spot.Footprint);
        Vector4 stone = Colour.Scale(brick, 1 + (0.3f * tone * keep) + (0.35f * stain));
        return joint ? Colour.Mix(stone, mortar, keep) : stone;
    }
}

/// <summary>Upright bars or boards before a dim background: fences.</summary>
internal sealed class Bars(Vector4 bar, Vector4 behind, float pitch, float share, uint seed) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        bool rail = spot.B > 0.8f || (spot.B < -0.62f && spot.B > -0.8f);
        float along = Fraction(spot.U / pitch);
        float keep = Keep(pitch, spot.Footprint * 2);
        float cover = rail ? 1 : share + (((along < share ? 1 : 0) - share) * keep);
        float stain = NoiseTile.Sample(spot.U * 6, spot.V * 6, seed) - 0.5f;
        return Colour.Scale(Colour.Mix(behind, bar, cover), 1 + (0.25f * stain));
    }
}
