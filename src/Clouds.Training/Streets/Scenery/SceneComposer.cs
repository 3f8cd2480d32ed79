using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;
using Clouds.Training.Streets.Painting;

namespace Clouds.Training.Streets.Scenery;

/// <summary>Draws a scene: camera and sky, then the street from the ground up.</summary>
internal static class SceneComposer
{
    /// <summary>The scene of a stream; image size plays no part in it.</summary>
    public static Scene Compose(StreetConfig config, Look look, RandomStream random)
    {
        Street street = new(config, random);
        Scene scene = new()
        {
            Camera = new Camera(
                config.CameraHeight.Draw(random),
                config.CameraPitch.Draw(random),
                random.NextDouble(-0.06, 0.06),
                config.FocalLength.Draw(random)),
            Look = look,
            Stature = config.Stature,
            Sky = new Sky(look, (float)look.Clouds.Draw(random), random.NextUInt32()),
            SunDirection = new Point3(random.NextDouble(-1, 1), random.NextDouble(0.7, 1.4), random.NextDouble(-1, 0.5)).Unit(),
        };
        double green = config.GreenWeight / (config.GreenWeight + (config.BuildingWeight * 0.5));
        new GroundLayer(scene, street, random).Lay(
            !(random.NextBoolean(config.Markings) || street.IsMarked), (random.NextBoolean(green), random.NextBoolean(green)));
        new Frontage(scene, street, config, random).Line();
        new Sidewalks(scene, street, config, random).Fill();
        new Traffic(scene, street, config, random).Fill();
        if (random.NextBoolean(config.Bonnet))
        {
            AddBonnet(scene, random);
        }

        return scene;
    }

    private static void AddBonnet(Scene scene, RandomStream random)
    {
        Vector4 paint = Palette.Pick(scene.Look.Palette.Paints, random);
        Camera camera = scene.Camera;
        // One metre ahead the lower edge of the view is half an image height below the optical axis.
        double bottom = camera.Height - camera.Pitch - (0.5 / camera.Focal);
        double rise = random.NextDouble(0.02, 0.07);
        Panel panel = new(new Point3(0, bottom, 1), Point3.Right, Point3.Up, scene.Solids);
        panel.Ellipse(StreetClass.Ignored, new Rounded(paint, 0.3f), 0, -0.3, 1.1, 0.3 + rise);
    }
}
