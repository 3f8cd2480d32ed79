using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Boxes and prisms from faces, in the local axes of a frame.</summary>
/// <param name="faces">Where the faces go.</param>
/// <param name="name">Their class.</param>
/// <param name="frame">Local axes: x right, y up, z ahead.</param>
internal sealed class Solid(List<Face> faces, StreetClass name, Frame frame)
{
    /// <summary>A flat piece through local points.</summary>
    public void Polygon(Material material, params ReadOnlySpan<(double X, double Y, double Z)> points)
    {
        Point3[] world = new Point3[points.Length];
        for (int i = 0; i < world.Length; i++)
        {
            world[i] = frame.At(points[i].X, points[i].Y, points[i].Z);
        }

        faces.Add(Face.Through(name, material, world));
    }

    /// <summary>A box without its underside.</summary>
    public void Box(Material side, Material top, (double From, double To) x, (double From, double To) y, (double From, double To) z) =>
        Prism(side, top, y, (x.From, x.To, z.From, z.To), (x.From, x.To, z.From, z.To));

    /// <summary>A body with a rectangular foot and a rectangular top of other size.</summary>
    public void Prism(
        Material side,
        Material top,
        (double From, double To) y,
        (double Left, double Right, double Back, double Front) foot,
        (double Left, double Right, double Back, double Front) head)
    {
        Polygon(side, (foot.Left, y.From, foot.Back), (foot.Right, y.From, foot.Back), (head.Right, y.To, head.Back), (head.Left, y.To, head.Back));
        Polygon(side, (foot.Left, y.From, foot.Front), (foot.Right, y.From, foot.Front), (head.Right, y.To, head.Front), (head.Left, y.To, head.Front));
        Polygon(side, (foot.Left, y.From, foot.Back), (foot.Left, y.From, foot.Front), (head.Left, y.To, head.Front), (head.Left, y.To, head.Back));
        Polygon(side, (foot.Right, y.From, foot.Back), (foot.Right, y.From, foot.Front), (head.Right, y.To, head.Front), (head.Right, y.To, head.Back));
        Polygon(top, (head.Left, y.To, head.Back), (head.Right, y.To, head.Back), (head.Right, y.To, head.Front), (head.Left, y.To, head.Front));
    }

    /// <summary>A rectangle at right angles to local z.</summary>
    public void Plate(Material material, double z, double x0, double y0, double x1, double y1) =>
        Polygon(material, (x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z));

    /// <summary>A rectangle at right angles to local x.</summary>
    public void Flank(Material material, double x, double z0, double y0, double z1, double y1) =>
        Polygon(material, (x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0));

    /// <summary>A disc at right angles to local x.</summary>
    public void Disc(Material material, double x, double y, double z, double radius)
    {
        Corner[] square = [new(-radius, -radius), new(radius, -radius), new(radius, radius), new(-radius, radius)];
        faces.Add(new Face(name, material, frame.At(x, y, z), frame.Ahead, Point3.Up, square, new Cutout(CutoutShape.Ellipse)));
    }
}
