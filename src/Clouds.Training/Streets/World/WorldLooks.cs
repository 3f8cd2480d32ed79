using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.World;

/// <summary>How a setting of the wide world looks: season and place choose the paints, light the sky, weather the air, and the camera adds its own.</summary>
internal static class WorldLooks
{
    /// <summary>The look of a scene.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="free">The camera's colours vary from scene to scene; otherwise they are a clean camera's.</param>
    /// <param name="random">Decides them.</param>
    public static Look Of(WorldSetting setting, bool free, RandomStream random)
    {
        Look look = WorldWeathers.Over(Lit(setting.Light), setting.Weather) with { Palette = WorldPalettes.Of(setting) };
        return free ? Filmed(look, random) : look;
    }

    private static Look Lit(WorldLight light) => light switch
    {
        WorldLight.Day => new Look(),
        WorldLight.Dawn => new Look
        {
            Zenith = Colour.Of(0x8CA8D8), Horizon = Colour.Of(0xFFC8A8), Cloud = Colour.Of(0xFFDCD0), Haze = Colour.Of(0xF0C4B8), HazeDensity = new(0.004,
            0.008),
            Ambient = 0.6, Sun = 0.35, Shadow = 0.3f, Lamps = 0.4f, Contrast = 0.92f, Tint = Colour.Of(0xFFDCD6, 1),
        },
        WorldLight.Dusk => new Look
        {
            Zenith = Colour.Of(0x2C3468), Horizon = Colour.Of(0xB8688C), Cloud = Colour.Of(0x7C5880), Haze = Colour.Of(0x6C5478), HazeDensity = new(0.003,
            0.006),
            Ambient = 0.62, Sun = 0.05, Shadow = 0.1f, Darkness = 0.45f, LitWindows = 0.35f, Lamps = 0.8f, Tint = Colour.Of(0xC8BCFF, 1),
        },
        WorldLight.Night => new Look
        {
            Zenith = Colour.Of(0x080C1A), Horizon = Colour.Of(0x221E26), Cloud = Colour.Of(0x26242C), Haze = Colour.Of(0x16151C), HazeDensity = new(0.002,
            0.005),
            Ambient = 0.75, Sun = 0.05, Shadow = 0.1f, Darkness = 0.88f, LitWindows = 0.3f, Lamps = 1, Exposure = new(1.05, 1.35), Contrast = 1.1f,
            Tint = Colour.Of(0xFFECD4, 1), Grain = new(0.008, 0.018), Vignette = 0.25f,
        },
        WorldLight.Sunset => new Look
        {
            Zenith = Colour.Of(0x6A4478), Horizon = Colour.Of(0xFF8420), Cloud = Colour.Of(0xFF9C58), Haze = Colour.Of(0xF08838), HazeDensity = new(0.004,
            0.01),
            Ambient = 0.42, Sun = 0.7, Shadow = 0.5f, Lamps = 0.5f, LitWindows = 0.1f, Tint = Colour.Of(0xFFB070, 1), Exposure = new(1, 1.15),
        },
        WorldLight.Neon => new Look
        {
            Zenith = Colour.Of(0x180828), Horizon = Colour.Of(0x5A1860), Cloud = Colour.Of(0x3A1050), Haze = Colour.Of(0x40104C), HazeDensity = new(0.004,
            0.009),
            Ambient = 0.8, Sun = 0.05, Shadow = 0.1f, Darkness = 0.7f, LitWindows = 0.65f, Lamps = 1, Exposure = new(1.15, 1.4), Contrast = 1.15f,
            Saturation = 1.8f,
            Tint = new Vector4(1.15f, 0.72f, 1.3f, 1),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(light), light, "not a light"),
    };

    private static Look Filmed(Look look, RandomStream random)
    {
        Vector4 cast = new((float)random.NextDouble(0.94, 1.06), (float)random.NextDouble(0.97, 1.03), (float)random.NextDouble(0.92, 1.08), 1);
        double noise = random.NextDouble(0, 0.012);
        return look with
        {
            Tint = look.Tint * cast,
            Saturation = look.Saturation * (float)random.NextDouble(0.75, 1.1),
            Contrast = look.Contrast * (float)random.NextDouble(0.93, 1.08),
            Blur = new(0, random.NextBoolean(0.3) ? 0.002 : 0),
            Grain = new(look.Grain.Low + noise, look.Grain.High + noise),
            Vignette = look.Vignette + (float)random.NextDouble(0, 0.2),
        };
    }
}
