using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Trees, bushes, hedges and far treelines.</summary>
internal sealed class Greenery(Scene scene, Street street, RandomStream random)
{
    private static readonly Vector4 Bark = Colour.Of(0x4E4034);

    private readonly Palette _palette = scene.Look.Palette;

    /// <summary>A trunk with two to four overlapping crowns.</summary>
    public void Tree(double lateral, double distance, double height)
    {
        Point3 foot = street.At(lateral, 0, distance);
        Panel panel = scene.PanelAt(foot);
        double stem = height * random.NextDouble(0.25, 0.4);
        double width = height * 0.045;
        panel.Limb(StreetClass.Vegetation, new Plain(Bark, 0.25f, 0.1f), new(0, 0), new(random.NextDouble(-0.2, 0.2), stem * 1.5), width * 1.6, width);
        Foliage leaves = Leaves(0.3f);
        int crowns = 2 + random.NextInt32(3);
        for (int i = 0; i < crowns; i++)
        {
            double radius = (height - stem) * random.NextDouble(0.38, 0.55);
            double x = random.NextDouble(-0.5, 0.5) * radius;
            double y = i == 0 ? height - radius : stem + (radius * random.NextDouble(0.7, 1.2));
            Crown(foot, leaves, x, y, radius * random.NextDouble(1.1, 1.4), radius * 1.2);
        }

        GroundShadow.Ellipse(scene, foot, height * 0.3, height * 0.65);
    }

    /// <summary>A low round bush.</summary>
    public void Bush(double lateral, double distance, double radius) =>
        Crown(street.At(lateral, 0, distance), Leaves(0.15f), 0, radius * 0.6, radius * 1.3, radius);

    /// <summary>A clipped hedge along the street.</summary>
    public void Hedge(Side side, double lateral, double from, double to, double height)
    {
        Foliage leaves = Leaves(0.2f);
        Point3 a = street.At(side.Sign * lateral, 0, from);
        Point3 b = street.At(side.Sign * lateral, 0, to);
        Cutout ragged = new(CutoutShape.RaggedTop, random.NextUInt32());
        Point3 top = Point3.Up * (height * 1.15);
        scene.Solids.Add(Face.Through(StreetClass.Vegetation, leaves, a, b, b + top, a + top) with { Cutout = ragged });
        Point3 away = Point3.Right * (side.Sign * 1.2);
        scene.Solids.Add(Face.Through(StreetClass.Vegetation, leaves, a, a + away, a + away + top, a + top) with { Cutout = ragged });
        Point3 level = Point3.Up * (height * 0.9);
        scene.Solids.Add(Face.Through(StreetClass.Vegetation, leaves, a + level, b + level, b + level + away, a + level + away));
    }

    /// <summary>A wood that closes the view.</summary>
    public void Treeline(double left, double right, double distance, double height)
    {
        Cutout ragged = new(CutoutShape.RaggedTop, random.NextUInt32());
        scene.PanelAt(new Point3(0, 0, distance)).Rectangle(StreetClass.Vegetation, Leaves(1.2f), left, 0, right, height, ragged);
    }

    private void Crown(Point3 foot, Foliage leaves, double x, double y, double radiusX, double radiusY)
    {
        // Crowns of one tree lie a little behind each other, in a random order.
        Panel panel = scene.PanelAt(foot + (Point3.Ahead * random.NextDouble(-0.3, 0.3)));
        Cutout cutout = new(CutoutShape.Leaves, random.NextUInt32());
        panel.Rectangle(StreetClass.Vegetation, leaves, x - radiusX, y - radiusY, x + radiusX, y + radiusY, cutout);
    }

    private Foliage Leaves(float leaf) =>
        new(Palette.Pick(_palette.Gaps, random), Palette.Pick(_palette.Leaves, random), leaf, random.NextUInt32());
}
