namespace Clouds.Training.Streets.Geometry;

/// <summary>Local axes of an object that stands upright on the ground.</summary>
/// <param name="Origin">Where local (0, 0, 0) is in the world.</param>
/// <param name="Right">World direction of local x, length 1.</param>
/// <param name="Ahead">World direction of local z, length 1.</param>
internal readonly record struct Frame(Point3 Origin, Point3 Right, Point3 Ahead)
{
    /// <summary>The world point of local metres.</summary>
    public Point3 At(double x, double y, double z) => Origin + (Right * x) + (Point3.Up * y) + (Ahead * z);

    /// <summary>The same place looking the other way.</summary>
    public Frame Reversed() => new(Origin, Right * -1, Ahead * -1);

    /// <summary>Turned a quarter to the right: ahead becomes the old right.</summary>
    public Frame Quarter() => new(Origin, Ahead * -1, Right);
}
