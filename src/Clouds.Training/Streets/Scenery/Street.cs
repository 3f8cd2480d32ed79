using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;

namespace Clouds.Training.Streets.Scenery;

/// <summary>One side of the street, from the road outwards; lateral distances in metres from the camera's lane centre.</summary>
/// <param name="Sign">-1 left, +1 right.</param>
/// <param name="RoadEdge">Where the road ends (positive on both sides).</param>
/// <param name="Parking">Whether the outermost 2.2 m of the road are for parking.</param>
/// <param name="Verge">Width of the grass strip, 0 for none.</param>
/// <param name="Sidewalk">Width of the sidewalk.</param>
/// <param name="Setback">From the sidewalk to the frontage.</param>
internal sealed record Side(int Sign, double RoadEdge, bool Parking, double Verge, double Sidewalk, double Setback)
{
    /// <summary>Where the sidewalk begins.</summary>
    public double SidewalkEdge => RoadEdge + 0.2 + Verge;

    /// <summary>Where the sidewalk ends.</summary>
    public double Back => SidewalkEdge + Sidewalk;

    /// <summary>Where houses stand.</summary>
    public double Front => Back + Setback;
}

/// <summary>The plan of a street: lanes, sides, a bend, perhaps a crossing.</summary>
internal sealed class Street
{
    /// <summary>Nothing stands farther away than this, metres.</summary>
    public const double End = 120;

    private readonly double _bend;

    public Street(StreetConfig config, RandomStream random)
    {
        _bend = random.NextDouble(-config.Curvature, config.Curvature);
        LaneWidth = config.LaneWidth.Draw(random);
        LanesAhead = config.LanesAhead.DrawWhole(random);
        LanesOncoming = config.LanesOncoming.DrawWhole(random);
        OwnLane = random.NextInt32(LanesAhead);
        IsMarked = random.NextBoolean(config.Markings);
        Left = DrawSide(-1, (LanesOncoming + OwnLane + 0.5) * LaneWidth, config, random);
        Right = DrawSide(+1, (LanesAhead - OwnLane - 0.5) * LaneWidth, config, random);
        CrossingFrom = random.NextBoolean(config.Crossing) ? random.NextDouble(14, 14 + (41 * config.Reach)) : 1e4;
    }

    public double LaneWidth { get; }

    public int LanesAhead { get; }

    public int LanesOncoming { get; }

    /// <summary>Lanes of the own direction that are left of the camera's.</summary>
    public int OwnLane { get; }

    public bool IsMarked { get; }

    public Side Left { get; }

    public Side Right { get; }

    public IEnumerable<Side> Sides => [Left, Right];

    /// <summary>Distance of the crossing street's near kerb, metres; beyond <see cref="End"/> for none.</summary>
    public double CrossingFrom { get; }

    /// <summary>Distance of its far kerb.</summary>
    public double CrossingTo => CrossingFrom + 8;

    public bool HasCrossing => CrossingFrom < End;

    /// <summary>Whether a stretch along the street touches the crossing.</summary>
    public bool Crosses(double from, double to) => from < CrossingTo + 1.5 && to > CrossingFrom - 1.5;

    /// <summary>Lateral position of the middle of a lane, counted from the leftmost.</summary>
    public double LaneCentre(int lane) => (lane - LanesOncoming - OwnLane) * LaneWidth;

    /// <summary>The world point of a place in the street.</summary>
    public Point3 At(double lateral, double height, double distance) =>
        new(lateral + (0.5 * _bend * distance * distance), height, distance);

    /// <summary>Axes of something that stands in the street and faces along it.</summary>
    public Frame FrameAt(double lateral, double distance)
    {
        Point3 ahead = new Point3(_bend * distance, 0, 1).Unit();
        return new Frame(At(lateral, 0, distance), Point3.Up.Cross(ahead), ahead);
    }

    private static Side DrawSide(int sign, double lanes, StreetConfig config, RandomStream random)
    {
        bool parking = random.NextBoolean(config.ParkingLane);
        double verge = random.NextBoolean(config.Verge) ? random.NextDouble(1, 3) : 0;
        return new Side(sign, lanes + (parking ? 2.2 : 0.3), parking, verge, config.SidewalkWidth.Draw(random), config.Setback.Draw(random));
    }
}
