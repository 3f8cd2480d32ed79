using System.Numerics;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Shadows on the flat ground.</summary>
internal static class GroundShadow
{
    private static readonly Plain Dark = new(Vector4.Zero);

    /// <summary>How far, in metres a metre of height, the shadow of a point lies from its foot.</summary>
    public static Point3 Offset(Scene scene)
    {
        Point3 sun = scene.SunDirection;
        return new Point3(-sun.X / sun.Y, 0, -sun.Z / sun.Y);
    }

    /// <summary>The shadow of a ball of a radius whose centre is at a height above a ground point.</summary>
    public static void Ellipse(Scene scene, Point3 foot, double radius, double height)
    {
        Corner[] square = [new(-radius, -radius), new(radius, -radius), new(radius, radius), new(-radius, radius)];
        Point3 centre = foot + (Offset(scene) * height);
        scene.Shadows.Add(new Face(StreetClass.Ignored, Dark, centre, Point3.Right, Point3.Ahead, square, new Cutout(CutoutShape.Ellipse)));
    }

    /// <summary>The shadow of an upright wall between two ground points.</summary>
    public static void Wall(Scene scene, Point3 from, Point3 to, double height)
    {
        Point3 offset = Offset(scene) * height;
        scene.Shadows.Add(Face.Through(StreetClass.Ignored, Dark, from, to, to + offset, from + offset));
    }

    /// <summary>The dark patch under something that stands on a rectangle.</summary>
    public static void Patch(Scene scene, Frame frame, double left, double right, double back, double front) =>
        scene.Shadows.Add(Face.Through(
            StreetClass.Ignored, Dark, frame.At(left, 0, back), frame.At(right, 0, back), frame.At(right, 0, front), frame.At(left, 0, front)));
}
