using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Geometry;

/// <summary>A corner of a face in the face's own plane, metres.</summary>
internal readonly record struct Corner(double U, double V);

/// <summary>A flat convex piece of the world with one class and one material.</summary>
/// <param name="Class">Its label.</param>
/// <param name="Material">Its colour as a function of (u, v).</param>
/// <param name="Origin">World point of (0, 0).</param>
/// <param name="AxisU">World step of one unit of u.</param>
/// <param name="AxisV">World step of one unit of v.</param>
/// <param name="Outline">Convex outline, at least three corners.</param>
/// <param name="Cutout">What is missing of it.</param>
internal sealed record Face(
    StreetClass Class, Material Material, Point3 Origin, Point3 AxisU, Point3 AxisV, Corner[] Outline, Cutout Cutout = default)
{
    /// <summary>
    /// A polygon through coplanar world points. u runs along the first edge, v at right angles to it towards the last point, metres.
    /// </summary>
    public static Face Through(StreetClass name, Material material, params ReadOnlySpan<Point3> points)
    {
        Point3 across = (points[1] - points[0]).Unit();
        Point3 aside = points[^1] - points[0];
        Point3 up = (aside - (across * across.Dot(aside))).Unit();
        Corner[] outline = new Corner[points.Length];
        for (int i = 0; i < outline.Length; i++)
        {
            Point3 offset = points[i] - points[0];
            outline[i] = new Corner(offset.Dot(across), offset.Dot(up));
        }

        return new Face(name, material, points[0], across, up, outline);
    }

    /// <summary>Direction at right angles to the face, length 1; either side.</summary>
    public Point3 Normal() => AxisU.Cross(AxisV).Unit();

    /// <summary>The world point of a corner.</summary>
    public Point3 At(Corner corner) => Origin + (AxisU * corner.U) + (AxisV * corner.V);
}
