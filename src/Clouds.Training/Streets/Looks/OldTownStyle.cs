using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>Another place altogether: narrow cobbled lanes, warm facades with pitched roofs, people and bicycles, low sun.</summary>
internal static class OldTownStyle
{
    public static StreetConfig Config { get; } = new()
    {
        Style = StreetStyle.Other,
        CameraPitch = new(-0.03, 0.06),
        FocalLength = new(0.8, 1.1),
        Curvature = 0.01,
        LanesAhead = new(1, 1),
        LanesOncoming = new(0, 1),
        LaneWidth = new(2.8, 3.3),
        Markings = 0.15,
        SidewalkWidth = new(1, 2.2),
        Verge = 0.05,
        ParkingLane = 0.3,
        Setback = new(0, 0.5),
        BuildingHeight = new(7, 14),
        BuildingLength = new(5, 10),
        PitchedRoof = 0.95,
        BuildingWeight = 9,
        WallWeight = 1,
        Trees = 2,
        TreeHeight = new(3, 6),
        Traffic = 1.4,
        TruckShare = 0.06,
        BusShare = 0.05,
        People = 16,
        Riders = 5,
        ParkedBikes = 7,
        MotorcycleShare = 0.3,
        TrafficLights = 0.5,
        Bonnet = 0.05,
    };

    public static Look Look { get; } = new()
    {
        Palette = new Palette
        {
            Roads = [0x8A7E72, 0x7A7068, 0x968878],
            Pavings = [0xB09C84, 0x9C8C78],
            Walls = [0xD8A868, 0xE0C48C, 0xC87858, 0xE8DCC0, 0xB8C0A0, 0xD09088, 0x98A8B8],
            Frames = [0xF4ECDC, 0x4A6A4A, 0x6A3A2A],
            Panes = [0x38342E, 0x485058, 0x2A3038],
            Roofs = [0xA85838, 0xB46A48, 0x8E4E3A],
            Masonry = [0xB4A284, 0xA49478],
            Leaves = [0xA8A03C, 0xC08A34, 0x84963C],
            Gaps = [0x4A3E1C, 0x3A3A1C],
            Grass = [0xA09A50, 0x8E9448],
            Paints = [0xB8C4C8, 0xD8D0B0, 0x7A2A2A, 0x2A4A5A, 0xE0E0DC, 0x8A9A6A],
        },
        Zenith = Colour.Of(0x7CA0C8),
        Horizon = Colour.Of(0xF4DCB8),
        Cloud = Colour.Of(0xFAE8D0),
        Ambient = 0.5,
        Sun = 0.75,
        Shadow = 0.55f,
        Haze = Colour.Of(0xE8D4B4),
        HazeDensity = new(0.002, 0.005),
        Contrast = 1.15f,
        Saturation = 1.1f,
        Tint = Colour.Of(0xFFF0DC, 1),
        Blur = new(0, 0.0015),
        Grain = new(0.008, 0.02),
        Vignette = 0.15f,
    };
}
