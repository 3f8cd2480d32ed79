namespace Clouds.Training.Streets.World;

/// <summary>
/// What stands in the places of the wide world. Figures are a third taller than life and near, so that they can be made out in small pictures.
/// </summary>
internal static class WorldPlaces
{
    // Classes that are rare in real streets are frequent here, so that a small network sees enough of each.
    private static readonly StreetConfig Usual = new()
    {
        CameraHeight = new(1.3, 1.6),
        CameraPitch = new(0, 0.06),
        FocalLength = new(1.1, 1.25),
        LanesOncoming = new(1, 1),
        SidewalkWidth = new(1.6, 3),
        Stature = 1.35,
        Reach = 0.4,
        Signals = 2.2,
        Signs = 4,
        Poles = 5,
        Trees = 1.6,
        People = 8,
        Riders = 5,
        ParkedBikes = 4.5,
        MotorcycleShare = 0.5,
        ParkingLane = 0.35,
        Traffic = 2.8,
        TruckShare = 0.24,
        BusShare = 0.26,
        Tram = 0.6,
        WallWeight = 4,
        FenceWeight = 5,
        FenceHeight = new(1.6, 2.6),
    };

    /// <summary>Content of a scene.</summary>
    /// <param name="place">Where.</param>
    /// <param name="free">Camera, lens and clutter vary freely; otherwise as one careful driver's.</param>
    public static StreetConfig Config(WorldPlace place, bool free)
    {
        StreetConfig config = Content(place);
        return !free ? config : config with
        {
            CameraHeight = new(1.2, 2.8),
            CameraPitch = new(-0.02, 0.11),
            FocalLength = new(0.85, 1.4),
            Bonnet = 0.15,
        };
    }

    private static StreetConfig Content(WorldPlace place) => place switch
    {
        WorldPlace.City => Usual with { BuildingHeight = new(9, 32), BuildingWeight = 6, GreenWeight = 0.7, HedgeWeight = 0.3 },
        WorldPlace.Suburb => Usual with
        {
            LanesAhead = new(1, 1), LanesOncoming = new(1, 1), BuildingHeight = new(4, 8), BuildingLength = new(8, 13), Setback = new(2, 6), PitchedRoof = 0.8,
            BuildingWeight = 4, HedgeWeight = 1.2, GreenWeight = 1.5, ParkingLane = 0.5, Trees = 2.5,
        },
        WorldPlace.Village => Usual with
        {
            LanesAhead = new(1, 1), LanesOncoming = new(0, 1), LaneWidth = new(2.9, 3.3), Markings = 0.2, SidewalkWidth = new(1, 2), Curvature = 0.01,
            BuildingHeight = new(4, 8), BuildingLength = new(6, 11), PitchedRoof = 1, WallWeight = 6, Setback = new(0, 2), Tram = 0.3,
        },
        WorldPlace.Highway => Usual with
        {
            LanesAhead = new(2, 4), LanesOncoming = new(0, 2), SidewalkWidth = new(0.8, 1.4), Verge = 1, Crossing = 0.15, BuildingWeight = 0.6,
            GreenWeight = 2.5, WallWeight = 5, FenceWeight = 6, Traffic = 4.5, TruckShare = 0.35, People = 2, Signs = 6, Poles = 6, ParkingLane = 0,
        },
        WorldPlace.Industrial => Usual with
        {
            BuildingHeight = new(6, 11), BuildingLength = new(24, 50), PitchedRoof = 0, Setback = new(3, 8), FenceWeight = 8, WallWeight = 4, GreenWeight = 0.5,
            HedgeWeight = 0.1, TruckShare = 0.5, Trees = 0.8, People = 4,
        },
        WorldPlace.Harbour => Usual with
        {
            LanesAhead = new(1, 2), LanesOncoming = new(0, 1), SidewalkWidth = new(2, 5), Verge = 0, BuildingHeight = new(7, 13), BuildingLength = new(14, 28),
            BuildingWeight = 2.2, GreenWeight = 5, HedgeWeight = 0, WallWeight = 2.5, FenceWeight = 4, Trees = 0, Markings = 0.4, People = 9,
        },
        WorldPlace.Park => Usual with
        {
            LanesAhead = new(1, 1), LanesOncoming = new(0, 1), LaneWidth = new(2.8, 3.2), Markings = 0.1, Verge = 1, BuildingWeight = 0.5, GreenWeight = 6,
            HedgeWeight = 2, Trees = 5, People = 12, Riders = 7, ParkedBikes = 7, Traffic = 1.4, Tram = 0.25,
        },
        WorldPlace.Forest => Usual with
        {
            LanesAhead = new(1, 1), LanesOncoming = new(1, 1), SidewalkWidth = new(0.8, 1.5), Verge = 1, Curvature = 0.008, BuildingWeight = 0.5,
            GreenWeight = 12,
            HedgeWeight = 0.3, WallWeight = 1, FenceWeight = 1.6, Trees = 16, TreeHeight = new(7, 14), People = 4,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "not a place"),
    };
}
