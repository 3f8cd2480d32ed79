using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>Night in a tall inner city: few people, many lamps, an underexposed and noisy camera.</summary>
internal static class NightStyle
{
    public static StreetConfig Config { get; } = new()
    {
        Style = StreetStyle.Night,
        CameraPitch = new(-0.02, 0.05),
        LanesAhead = new(1, 3),
        BuildingHeight = new(12, 40),
        BuildingWeight = 8,
        GreenWeight = 0.8,
        Trees = 3,
        Traffic = 3.2,
        People = 3,
        Riders = 1.2,
        Poles = 6,
        Tram = 0.3,
    };

    public static Look Look { get; } = new()
    {
        Zenith = Colour.Of(0x0A0E1C),
        Horizon = Colour.Of(0x2A2428),
        Cloud = Colour.Of(0x302A30),
        Ambient = 0.75,
        Sun = 0.1,
        Shadow = 0.1f,
        Haze = Colour.Of(0x1A1820),
        HazeDensity = new(0.002, 0.006),
        Darkness = 0.9f,
        LitWindows = 0.28f,
        Lamps = 1,
        Exposure = new(0.85, 1.25),
        Contrast = 1.1f,
        Saturation = 0.85f,
        Tint = Colour.Of(0xFFEED8, 1),
        Blur = new(0.0008, 0.002),
        Grain = new(0.03, 0.06),
        Vignette = 0.35f,
    };
}
