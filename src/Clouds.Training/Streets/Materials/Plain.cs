using System.Numerics;

namespace Clouds.Training.Streets.Materials;

/// <summary>One colour with a little dirt: paint, cloth, metal, trunks.</summary>
/// <param name="colour">The colour.</param>
/// <param name="dirt">Relative amplitude of the noise.</param>
/// <param name="grain">Size of the noise in metres.</param>
/// <param name="seed">Which noise.</param>
internal sealed class Plain(Vector4 colour, float dirt = 0.12f, float grain = 0.1f, uint seed = 0) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float noise = NoiseTile.Sample(spot.U / grain, spot.V / grain, seed) - 0.5f;
        return Colour.Scale(colour, 1 + (dirt * 2 * noise * Keep(grain * 6, spot.Footprint)));
    }
}

/// <summary>Rounded bodies under a bright sky: lighter above, darker below.</summary>
internal sealed class Rounded(Vector4 colour, float depth = 0.35f) : Material
{
    public override Vector4 Shade(in Spot spot) => Colour.Scale(colour, 1 + (depth * (spot.B - (0.5f * spot.A * spot.A))));
}

/// <summary>Panes that mirror the sky above and the street below.</summary>
internal sealed class Glass(Vector4 above, Vector4 below) : Material
{
    public override Vector4 Shade(in Spot spot) => Colour.Mix(below, above, 0.5f + (0.5f * spot.B) - (0.15f * spot.A));
}

/// <summary>Tyre, rim and hub in the bounding square of a wheel.</summary>
internal sealed class Wheel(Vector4 tyre, Vector4 rim, float tyreFrom) : Material
{
    public override Vector4 Shade(in Spot spot)
    {
        float radius = (spot.A * spot.A) + (spot.B * spot.B);
        return radius > tyreFrom * tyreFrom || radius < 0.03f ? tyre : Colour.Scale(rim, 0.85f + (0.3f * spot.B));
    }
}
