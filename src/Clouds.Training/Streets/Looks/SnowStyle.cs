using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>Snow in a residential street: low houses set back from the road, parked cars, bare grey light.</summary>
internal static class SnowStyle
{
    public static StreetConfig Config { get; } = new()
    {
        Style = StreetStyle.Snow,
        CameraHeight = new(1.4, 2.4),
        CameraPitch = new(0.03, 0.14),
        LanesAhead = new(1, 1),
        LanesOncoming = new(0, 1),
        SidewalkWidth = new(1.5, 3),
        Verge = 0.6,
        ParkingLane = 0.8,
        Setback = new(3, 9),
        BuildingHeight = new(4, 8),
        BuildingLength = new(8, 14),
        PitchedRoof = 0.9,
        GreenWeight = 2.5,
        HedgeWeight = 1.2,
        FenceWeight = 1.8,
        Trees = 6,
        TreeHeight = new(3.5, 8),
        Traffic = 1.5,
        People = 4,
        Riders = 0.8,
        ParkedBikes = 1.2,
    };

    public static Look Look { get; } = new()
    {
        Palette = new Palette { Leaves = [0x56623E, 0x6A6A50, 0x4E5A44], Gaps = [0x2A2A22, 0x32302A], Grass = [0x8A8A60] },
        Zenith = Colour.Of(0xB4BCC6),
        Horizon = Colour.Of(0xDCE0E4),
        Cloud = Colour.Of(0xCED2D8),
        Clouds = new(0.6, 1),
        Ambient = 0.82,
        Sun = 0.14,
        Shadow = 0.12f,
        Haze = Colour.Of(0xDCE0E6),
        HazeDensity = new(0.005, 0.015),
        Snow = 0.9f,
        Lamps = 0.35f,
        Saturation = 0.75f,
        Tint = Colour.Of(0xF0F6FF, 1),
        Blur = new(0.0005, 0.002),
        Grain = new(0.01, 0.025),
        Flakes = 0.7f,
    };
}
