using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>Rain on a busy main road: trucks and buses, a wet mirror for a road, streaks and a smeared windscreen.</summary>
internal static class RainStyle
{
    public static StreetConfig Config { get; } = new()
    {
        Style = StreetStyle.Rain,
        CameraHeight = new(1.8, 2.8),
        FocalLength = new(1.3, 1.8),
        LanesAhead = new(2, 3),
        LanesOncoming = new(1, 3),
        Verge = 0.25,
        Crossing = 0.6,
        BuildingHeight = new(8, 28),
        Traffic = 4.5,
        TruckShare = 0.22,
        BusShare = 0.16,
        Tram = 0.3,
        People = 4,
        Riders = 1,
        WallWeight = 2,
        Trees = 3.5,
        Signs = 5,
    };

    public static Look Look { get; } = new()
    {
        Zenith = Colour.Of(0x7C848E),
        Horizon = Colour.Of(0xA8AEB4),
        Cloud = Colour.Of(0x8E949C),
        Clouds = new(0.5, 1),
        Ambient = 0.66,
        Sun = 0.06,
        Shadow = 0.1f,
        Haze = Colour.Of(0x9CA2A8),
        HazeDensity = new(0.006, 0.016),
        Wetness = 1,
        Darkness = 0.15f,
        LitWindows = 0.12f,
        Lamps = 0.8f,
        Exposure = new(0.95, 1.15),
        Contrast = 0.95f,
        Saturation = 0.75f,
        Blur = new(0.0015, 0.004),
        Grain = new(0.015, 0.03),
        Streaks = 0.8f,
        Vignette = 0.2f,
    };
}
