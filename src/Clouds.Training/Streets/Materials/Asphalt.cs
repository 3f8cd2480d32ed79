using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>Road surface with patches, tyre tracks and, where wanted, lane markings and a zebra crossing.</summary>
internal sealed class Asphalt : Material
{
    private static readonly Vector4 Paint = Colour.Of(0xE4E2DA);

    public required Vector4 Surface { get; init; }

    public required uint Seed { get; init; }

    /// <summary>Stones in metres; 0 is smooth asphalt.</summary>
    public float Cobble { get; init; }

    /// <summary>Lateral positions of dashed lines, metres.</summary>
    public float[] Dashed { get; init; } = [];

    /// <summary>Lateral positions of solid lines, metres.</summary>
    public float[] Solid { get; init; } = [];

    /// <summary>Distance at which a zebra crossing begins, metres; far away for none.</summary>
    public float Zebra { get; init; } = 1e6f;

    public override Vector4 Shade(in Spot spot)
    {
        float patches = NoiseTile.Sample(spot.U * 1.7f, spot.V * 0.6f, Seed) - 0.5f;
        float grain = NoiseTile.Sample(spot.U * 28, spot.V * 28, Seed + 77) - 0.5f;
        float light = 1 + (0.3f * patches) + (0.22f * grain * Keep(0.3f, spot.Footprint));
        Vector4 surface = Colour.Scale(Surface, Cobble > 0 ? light * Stones(spot) : light);
        float worn = 0.85f - (0.5f * patches);
        return IsPainted(spot.U, spot.V) ? Colour.Mix(surface, Paint, Math.Clamp(worn, 0.3f, 0.95f)) : surface;
    }

    private bool IsPainted(float u, float v)
    {
        if (v > Zebra - 1.2f && v < Zebra + 2.6f && Solid.Length > 0)
        {
            return v < Zebra + 2.2f ? v > Zebra - 0.2f && Fraction(u) < 0.5f : false;
        }

        foreach (float line in Solid)
        {
            if (MathF.Abs(u - line) < 0.09f)
            {
                return true;
            }
        }

        bool dash = Fraction(v / 8) < 0.45f;
        foreach (float line in dash ? Dashed : [])
        {
            if (MathF.Abs(u - line) < 0.08f)
            {
                return true;
            }
        }

        return false;
    }

    private float Stones(in Spot spot)
    {
        float row = MathF.Floor(spot.V / Cobble);
        float across = (spot.U / Cobble) + (0.5f * Fraction(row * 0.5f) * 2);
        float joint = Fraction(across) < 0.14f || Fraction(spot.V / Cobble) < 0.14f ? 0.72f : 1.06f;
        float tone = 0.25f * (NoiseTile.Uniform((int)MathF.Floor(across), (int)row, Seed) - 0.5f);
        return 1 + ((joint - 1 + tone) * Keep(Cobble, spot.Footprint));
    }
}
