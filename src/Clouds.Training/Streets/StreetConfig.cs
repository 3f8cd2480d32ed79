using Clouds.Training.Streets.Looks;

namespace Clouds.Training.Streets;

/// <summary>
/// What stands in a street: the content statistics of a style. The defaults are the <see cref="StreetStyle.Source"/> world, tuned
/// so that class frequencies rank roughly as in Cityscapes (road, building, vegetation, sky first) with all 19 classes in 64 images.
/// Metres unless said otherwise; densities are expected counts per 100 metres of street.
/// </summary>
public sealed record StreetConfig
{
    /// <summary>Decides the appearance: light, weather, palette and sensor. Default Source.</summary>
    public StreetStyle Style { get; init; } = StreetStyle.Source;

    /// <summary>Height of the camera above the road. Default 1.3 to 1.8, a car's windscreen.</summary>
    public Interval CameraHeight { get; init; } = new(1.3, 1.8);

    /// <summary>Downward slope of the optical axis (tangent of the pitch). Default 0 to 0.09.</summary>
    public Interval CameraPitch { get; init; } = new(0, 0.09);

    /// <summary>Focal length in image heights. Default 1.0 to 1.35.</summary>
    public Interval FocalLength { get; init; } = new(1.0, 1.35);

    /// <summary>Sideways bend of the street in 1/metres, either way. Default up to 0.004.</summary>
    public double Curvature { get; init; } = 0.004;

    /// <summary>Lanes in the camera's direction, its own included. Default 1 to 2.</summary>
    public Interval LanesAhead { get; init; } = new(1, 2);

    /// <summary>Lanes of oncoming traffic; 0 makes a one-way street. Default 1 to 2.</summary>
    public Interval LanesOncoming { get; init; } = new(1, 2);

    /// <summary>Width of a lane. Default 3.2 to 3.7.</summary>
    public Interval LaneWidth { get; init; } = new(3.2, 3.7);

    /// <summary>Probability of lane markings. Default 0.95.</summary>
    public double Markings { get; init; } = 0.95;

    /// <summary>Width of each sidewalk. Default 2.0 to 4.0.</summary>
    public Interval SidewalkWidth { get; init; } = new(2.0, 4.0);

    /// <summary>Probability, per side, of a strip of grass between road and sidewalk. Default 0.35.</summary>
    public double Verge { get; init; } = 0.35;

    /// <summary>Probability, per side, of a parking lane. Default 0.45.</summary>
    public double ParkingLane { get; init; } = 0.45;

    /// <summary>Probability of a crossing street. Default 0.5.</summary>
    public double Crossing { get; init; } = 0.5;

    /// <summary>Distance from sidewalk to frontage. Default 0 to 3.</summary>
    public Interval Setback { get; init; } = new(0, 3);

    /// <summary>Height of buildings. Default 7 to 22.</summary>
    public Interval BuildingHeight { get; init; } = new(7, 22);

    /// <summary>Length of a building along the street. Default 9 to 22.</summary>
    public Interval BuildingLength { get; init; } = new(9, 22);

    /// <summary>Probability of a pitched roof. Default 0.15.</summary>
    public double PitchedRoof { get; init; } = 0.15;

    /// <summary>Relative weight of buildings along the frontage. Default 5.</summary>
    public double BuildingWeight { get; init; } = 5;

    /// <summary>Relative weight of open grass with trees. Default 1.5.</summary>
    public double GreenWeight { get; init; } = 1.5;

    /// <summary>Relative weight of hedges. Default 0.6.</summary>
    public double HedgeWeight { get; init; } = 0.6;

    /// <summary>Relative weight of walls. Default 1.1.</summary>
    public double WallWeight { get; init; } = 1.1;

    /// <summary>Relative weight of fences. Default 1.5.</summary>
    public double FenceWeight { get; init; } = 1.5;

    /// <summary>Height of fences. Default 1 to 2.</summary>
    public Interval FenceHeight { get; init; } = new(1, 2);

    /// <summary>Trees beside the road, per side. Default 5.</summary>
    public double Trees { get; init; } = 5;

    /// <summary>Height of trees. Default 4.5 to 9.</summary>
    public Interval TreeHeight { get; init; } = new(4.5, 9);

    /// <summary>Street lamps and bare poles, per side. Default 4.5.</summary>
    public double Poles { get; init; } = 4.5;

    /// <summary>Traffic signs, per side. Default 3.5.</summary>
    public double Signs { get; init; } = 3.5;

    /// <summary>Probability of traffic lights at a crossing. Default 0.85.</summary>
    public double TrafficLights { get; init; } = 0.85;

    /// <summary>Moving vehicles, per lane. Default 2.6.</summary>
    public double Traffic { get; init; } = 2.6;

    /// <summary>Fraction of a parking lane that is taken. Default 0.6.</summary>
    public double Parked { get; init; } = 0.6;

    /// <summary>Fraction of moving vehicles that are trucks. Default 0.12.</summary>
    public double TruckShare { get; init; } = 0.12;

    /// <summary>Fraction of moving vehicles that are buses. Default 0.09.</summary>
    public double BusShare { get; init; } = 0.09;

    /// <summary>Probability of a tram in the street. Default 0.2.</summary>
    public double Tram { get; init; } = 0.2;

    /// <summary>People on foot, per side. Default 7.</summary>
    public double People { get; init; } = 7;

    /// <summary>Riders on bicycles or motorcycles, per side. Default 2.</summary>
    public double Riders { get; init; } = 2;

    /// <summary>Parked bicycles and motorcycles, per side. Default 2.5.</summary>
    public double ParkedBikes { get; init; } = 2.5;

    /// <summary>Fraction of two-wheelers with a motor. Default 0.4.</summary>
    public double MotorcycleShare { get; init; } = 0.4;

    /// <summary>Probability that the camera's own bonnet is in view; it is labelled 255. Default 0.25.</summary>
    public double Bonnet { get; init; } = 0.25;

    /// <summary>Traffic lights beside the road besides those of a crossing, per side. Default 0.</summary>
    public double Signals { get; init; }

    /// <summary>Factor on the size of people, two-wheelers, posts, signs and lights; above 1 they can be made out in small pictures. Default 1.</summary>
    public double Stature { get; init; } = 1;

    /// <summary>Factor on the distances over which things beside the road are spread, their number kept, and on a crossing's. Default 1.</summary>
    public double Reach { get; init; } = 1;

    /// <summary>The content statistics and appearance of a style.</summary>
    public static StreetConfig For(StreetStyle style) => StreetStyles.Config(style);
}
