namespace Clouds.Training.Streets.Geometry;

/// <summary>A pinhole camera above the origin that looks along +Z, pitched down and turned a little.</summary>
internal sealed class Camera
{
    /// <summary>Nothing nearer than this many metres is drawn.</summary>
    public const double Near = 0.3;

    private readonly double _sinePitch;
    private readonly double _cosinePitch;
    private readonly double _sineYaw;
    private readonly double _cosineYaw;

    /// <summary>Places the camera.</summary>
    /// <param name="height">Metres above the road.</param>
    /// <param name="pitch">Downward slope of the optical axis.</param>
    /// <param name="yaw">Slope of the optical axis to the right.</param>
    /// <param name="focal">Focal length in image heights.</param>
    public Camera(double height, double pitch, double yaw, double focal)
    {
        Height = height;
        Pitch = pitch;
        Focal = focal;
        // From slopes by square roots only, so that every machine agrees on the last bit.
        _cosinePitch = 1 / Math.Sqrt(1 + (pitch * pitch));
        _sinePitch = pitch * _cosinePitch;
        _cosineYaw = 1 / Math.Sqrt(1 + (yaw * yaw));
        _sineYaw = yaw * _cosineYaw;
    }

    public double Height { get; }

    public double Pitch { get; }

    public double Focal { get; }

    /// <summary>Where the camera stands in the world.</summary>
    public Point3 Eye => new(0, Height, 0);

    /// <summary>World point to camera axes (X right, Y down, Z ahead).</summary>
    public Point3 View(Point3 world) => Turn(world - Eye);

    /// <summary>World direction to camera axes.</summary>
    public Point3 Turn(Point3 direction)
    {
        double x = (direction.X * _cosineYaw) - (direction.Z * _sineYaw);
        double z = (direction.X * _sineYaw) + (direction.Z * _cosineYaw);
        double down = -(direction.Y * _cosinePitch) - (z * _sinePitch);
        double ahead = (z * _cosinePitch) - (direction.Y * _sinePitch);
        return new Point3(x, down, ahead);
    }

    /// <summary>Row of the horizon as a fraction of the image height, 0 at the top.</summary>
    public double Horizon => 0.5 - (Focal * Pitch);
}
