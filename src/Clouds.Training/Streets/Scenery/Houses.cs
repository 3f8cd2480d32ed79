using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Houses along the street and far ones at its end.</summary>
internal sealed class Houses(Scene scene, Street street, StreetConfig config, RandomStream random)
{
    private readonly Palette _palette = scene.Look.Palette;

    /// <summary>A house whose front is at a lateral distance, over a stretch of street.</summary>
    public void House(Side side, double lateral, double from, double to)
    {
        double height = config.BuildingHeight.Draw(random);
        Facade facade = Front(height);
        Point3 a = street.At(side.Sign * lateral, 0, from);
        Point3 b = street.At(side.Sign * lateral, 0, to);
        Point3 up = Point3.Up * height;
        Point3 deep = Point3.Right * (side.Sign * 10);
        scene.Solids.Add(Face.Through(StreetClass.Building, facade, a, b, b + up, a + up));
        Plain gable = new(Colour.Scale(facade.Wall, 0.92f), 0.15f, 0.8f, random.NextUInt32());
        Material end = random.NextBoolean(0.4) ? facade : gable;
        scene.Solids.Add(Face.Through(StreetClass.Building, end, a, a + deep, a + deep + up, a + up));
        scene.Solids.Add(Face.Through(StreetClass.Building, end, b, b + deep, b + deep + up, b + up));
        if (random.NextBoolean(config.PitchedRoof))
        {
            Roof(a, b, deep, height, gable);
        }

        GroundShadow.Wall(scene, a, b, height);
    }

    /// <summary>A house that closes the view, seen square-on.</summary>
    public void Distant(double left, double right, double distance)
    {
        double height = config.BuildingHeight.Draw(random) * 0.9;
        scene.PanelAt(new Point3(0, 0, distance)).Rectangle(StreetClass.Building, Front(height), left, 0, right, height);
    }

    private void Roof(Point3 a, Point3 b, Point3 deep, double height, Plain gable)
    {
        Material tiles = new Masonry(Palette.Pick(_palette.Roofs, random), Colour.Of(0x3A2A24), 0.3f, random.NextUInt32());
        double rise = random.NextDouble(2.5, 4.5);
        Point3 eaves = Point3.Up * height;
        Point3 ridge = (deep * 0.5) + (Point3.Up * (height + rise));
        Point3 overhang = deep * -0.04;
        scene.Solids.Add(Face.Through(StreetClass.Building, tiles, a + eaves + overhang, b + eaves + overhang, b + ridge, a + ridge));
        scene.Solids.Add(Face.Through(StreetClass.Building, gable, a + eaves, a + eaves + deep, a + ridge));
        scene.Solids.Add(Face.Through(StreetClass.Building, gable, b + eaves, b + eaves + deep, b + ridge));
        if (random.NextBoolean(0.5))
        {
            Point3 foot = a + ((b - a) * 0.3) + (deep * 0.4) + eaves;
            Solid chimney = new(scene.Solids, StreetClass.Building, new Frame(foot, Point3.Right, Point3.Ahead));
            chimney.Box(gable, gable, (-0.4, 0.4), (0, rise + 0.6), (-0.4, 0.4));
        }
    }

    private Facade Front(double height) => new()
    {
        Wall = Palette.Pick(_palette.Walls, random),
        Frame = Palette.Pick(_palette.Frames, random),
        Pane = Palette.Pick(_palette.Panes, random),
        Height = (float)height,
        Floor = (float)random.NextDouble(2.8, 3.8),
        Bay = (float)random.NextDouble(1.8, 3.4),
        Width = random.NextBoolean(0.15) ? 1 : (float)random.NextDouble(0.38, 0.62),
        Tall = (float)random.NextDouble(0.45, 0.65),
        Shops = random.NextBoolean(0.4),
        Lit = scene.Look.LitWindows,
        Seed = random.NextUInt32(),
    };
}
