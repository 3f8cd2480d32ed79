using System.Numerics;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Painting;

/// <summary>A gradient with clouds on a flat layer far above.</summary>
/// <param name="look">Colours.</param>
/// <param name="cover">Share of clouds, 0..1.</param>
/// <param name="seed">Which clouds.</param>
internal sealed class Sky(Look look, float cover, uint seed)
{
    /// <summary>Colour in a direction.</summary>
    /// <param name="side">Slope to the right.</param>
    /// <param name="rise">Slope upwards; at or below 0 is the horizon.</param>
    public Vector4 Shade(float side, float rise)
    {
        float height = Math.Clamp(rise * 1.6f, 0, 1);
        Vector4 clear = Colour.Mix(look.Horizon, look.Zenith, height * (2 - height));
        float distance = 1 / (Math.Max(rise, 0) + 0.12f);
        float billow = NoiseTile.Sample(side * distance * 9, distance * 13, seed) - 1.05f + (1.1f * cover);
        float density = Math.Clamp(billow * 3.5f, 0, 1) * Math.Clamp(0.25f + (rise * 4), 0, 1);
        return Colour.Mix(clear, Colour.Scale(look.Cloud, 0.88f + (0.12f * density)), density);
    }
}
