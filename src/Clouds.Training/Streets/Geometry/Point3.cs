namespace Clouds.Training.Streets.Geometry;

/// <summary>
/// A point or direction in metres: X right, Y up, Z ahead in the world; X right, Y down, Z ahead in the camera.
/// Own arithmetic instead of System.Numerics because dot products there may be summed in an order that depends on the machine.
/// </summary>
internal readonly record struct Point3(double X, double Y, double Z)
{
    public static readonly Point3 Right = new(1, 0, 0);
    public static readonly Point3 Up = new(0, 1, 0);
    public static readonly Point3 Ahead = new(0, 0, 1);

    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Point3 operator *(Point3 a, double scale) => new(a.X * scale, a.Y * scale, a.Z * scale);

    public double Dot(Point3 other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    public Point3 Cross(Point3 other) =>
        new((Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));

    /// <summary>The same direction with length 1; the zero vector stays zero.</summary>
    public Point3 Unit()
    {
        double length = Math.Sqrt(Dot(this));
        return length > 0 ? this * (1 / length) : this;
    }
}
