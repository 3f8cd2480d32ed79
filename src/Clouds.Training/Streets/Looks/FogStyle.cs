using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Looks;

/// <summary>A green outskirt road in fog: fewer buildings, more trees and fences, little traffic.</summary>
internal static class FogStyle
{
    public static StreetConfig Config { get; } = new()
    {
        Style = StreetStyle.Fog,
        Curvature = 0.008,
        LanesAhead = new(1, 1),
        LanesOncoming = new(1, 1),
        SidewalkWidth = new(1.2, 2.4),
        Verge = 0.8,
        Crossing = 0.3,
        Setback = new(2, 8),
        BuildingHeight = new(5, 11),
        PitchedRoof = 0.6,
        BuildingWeight = 2.5,
        GreenWeight = 4,
        FenceWeight = 2,
        HedgeWeight = 1.4,
        Trees = 9,
        TreeHeight = new(5, 12),
        Traffic = 2,
        TruckShare = 0.25,
        People = 3,
        Signs = 4.5,
    };

    public static Look Look { get; } = new()
    {
        Zenith = Colour.Of(0xC2C6C8),
        Horizon = Colour.Of(0xD0D2D2),
        Cloud = Colour.Of(0xCCCECE),
        Ambient = 0.85,
        Sun = 0.05,
        Shadow = 0.08f,
        Haze = Colour.Of(0xCACCCC),
        HazeDensity = new(0.022, 0.05),
        Lamps = 0.5f,
        Exposure = new(0.85, 1),
        Contrast = 0.9f,
        Saturation = 0.6f,
        Blur = new(0.001, 0.003),
        Grain = new(0.01, 0.02),
        Wetness = 0.15f,
    };
}
