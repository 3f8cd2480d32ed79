using System.Numerics;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.World;

/// <summary>Lays weather over a light: what is bright by day is dim by night.</summary>
internal static class WorldWeathers
{
    /// <summary>The look of a light in a weather.</summary>
    public static Look Over(Look look, WorldWeather weather) => weather switch
    {
        WorldWeather.Clear => look,
        WorldWeather.Overcast => Covered(look, 0xA8AEB6, 0xC6CACE) with { Saturation = 0.8f },
        WorldWeather.Rain => Covered(look, 0x747C88, 0x9CA4AC) with
        {
            Haze = Dimmed(look, 0x98A0A8), HazeDensity = new(0.006, 0.013), Wetness = 0.9f, Streaks = 0.75f, Lamps = Math.Max(0.6f, look.Lamps),
            LitWindows = Math.Max(0.12f, look.LitWindows), Saturation = 0.75f * look.Saturation,
        },
        WorldWeather.Fog => Covered(look, 0xC0C4C8, 0xCED0D2) with
        {
            Haze = Dimmed(look, 0xCACCCE), HazeDensity = new(0.03, 0.055), Saturation = 0.65f, Contrast = 0.92f, Lamps = Math.Max(0.5f, look.Lamps),
        },
        WorldWeather.Snow => Covered(look, 0xB8C0CA, 0xDCE0E6) with
        {
            Haze = Dimmed(look, 0xDCE0E6), HazeDensity = new(0.006, 0.013), Snow = 0.9f, Flakes = 0.6f, Saturation = 0.8f, Ambient = 0.82,
        },
        WorldWeather.Sandstorm => Covered(look, 0xB07838, 0xD09850) with
        {
            Haze = Dimmed(look, 0xC88C44), HazeDensity = new(0.026, 0.045), Saturation = 0.8f, Contrast = 0.9f, Grain = new(0.006, 0.014),
        },
        WorldWeather.Blizzard => Covered(look, 0xD4D8DE, 0xE6E8EC) with
        {
            Haze = Dimmed(look, 0xE4E7EC), HazeDensity = new(0.022, 0.036), Snow = 1.05f, Flakes = 1.8f, Saturation = 0.6f, Ambient = 0.85,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(weather), weather, "not a weather"),
    };

    private static Look Covered(Look look, uint zenith, uint horizon) => look with
    {
        Zenith = Dimmed(look, zenith),
        Horizon = Dimmed(look, horizon),
        Cloud = Dimmed(look, horizon),
        Clouds = new(0.5, 1),
        Ambient = 0.74,
        Sun = 0.06,
        Shadow = 0.1f,
    };

    private static Vector4 Dimmed(Look look, uint colour) => Colour.Scale(Colour.Of(colour), 1 - (0.93f * look.Darkness));
}
