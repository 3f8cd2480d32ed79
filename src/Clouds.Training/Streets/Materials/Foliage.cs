using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>Leaves: dark gaps, lit tips, brighter towards the top of the crown.</summary>
internal sealed class Foliage(Vector4 dark, Vector4 lit, float leaf, uint seed) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float clumps = NoiseTile.Sample(spot.U / (leaf * 2.5f), spot.V / (leaf * 2.5f), seed);
        float leaves = NoiseTile.Sample(spot.U / (leaf * 0.22f), spot.V / (leaf * 0.22f), seed + 991) - 0.5f;
        float t = (1.3f * clumps) - 0.2f + (0.9f * leaves * Keep(leaf, spot.Footprint)) + (0.22f * spot.B) - (0.1f * spot.A);
        return Colour.Mix(dark, lit, Math.Clamp(t, 0, 1));
    }
}

/// <summary>Grass and bare earth.</summary>
internal sealed class Turf(Vector4 grass, Vector4 earth, uint seed) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float patches = NoiseTile.Sample(spot.U * 1.1f, spot.V * 0.7f, seed);
        float blades = NoiseTile.Sample(spot.U * 11, spot.V * 11, seed + 313) - 0.5f;
        Vector4 ground = Colour.Mix(grass, earth, Math.Clamp((patches - 0.55f) * 3, 0, 0.85f));
        return Colour.Scale(ground, 1 + (0.5f * blades * Keep(0.4f, spot.Footprint)) + (0.3f * (patches - 0.5f)));
    }
}
