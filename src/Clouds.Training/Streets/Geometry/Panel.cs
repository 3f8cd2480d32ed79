using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Geometry;

/// <summary>An upright plane on which flat figures are drawn: x to its right, y up from the ground, metres.</summary>
/// <param name="origin">World point of (0, 0).</param>
/// <param name="right">World step of one unit of x.</param>
/// <param name="up">World step of one unit of y.</param>
/// <param name="faces">Where the figures go.</param>
internal sealed class Panel(Point3 origin, Point3 right, Point3 up, List<Face> faces)
{
    /// <summary>A convex polygon.</summary>
    public void Polygon(StreetClass name, Material material, params ReadOnlySpan<Corner> outline) =>
        faces.Add(new Face(name, material, origin, right, up, outline.ToArray()));

    /// <summary>An upright rectangle.</summary>
    public void Rectangle(StreetClass name, Material material, double x0, double y0, double x1, double y1, Cutout cutout = default)
    {
        Corner[] outline = [new(x0, y0), new(x1, y0), new(x1, y1), new(x0, y1)];
        faces.Add(new Face(name, material, origin, right, up, outline, cutout));
    }

    /// <summary>An ellipse around (x, y).</summary>
    public void Ellipse(StreetClass name, Material material, double x, double y, double radiusX, double radiusY) =>
        Rectangle(name, material, x - radiusX, y - radiusY, x + radiusX, y + radiusY, new Cutout(CutoutShape.Ellipse));

    /// <summary>A bar from one point to another, <paramref name="width0"/> wide at the start and <paramref name="width1"/> at the end.</summary>
    public void Limb(StreetClass name, Material material, Corner from, Corner to, double width0, double width1)
    {
        double length = Math.Sqrt(((to.U - from.U) * (to.U - from.U)) + ((to.V - from.V) * (to.V - from.V)));
        double acrossU = -(to.V - from.V) / length / 2;
        double acrossV = (to.U - from.U) / length / 2;
        Polygon(
            name,
            material,
            new Corner(from.U - (acrossU * width0), from.V - (acrossV * width0)),
            new Corner(to.U - (acrossU * width1), to.V - (acrossV * width1)),
            new Corner(to.U + (acrossU * width1), to.V + (acrossV * width1)),
            new Corner(from.U + (acrossU * width0), from.V + (acrossV * width0)));
    }
}
