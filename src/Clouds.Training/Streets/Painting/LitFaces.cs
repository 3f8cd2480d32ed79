using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Scenery;

namespace Clouds.Training.Streets.Painting;

/// <summary>Brings faces before the camera, each with the light and the snow that fall on it.</summary>
/// <param name="scene">Sun and look.</param>
/// <param name="view">Camera and raster.</param>
internal sealed class LitFaces(Scene scene, Viewport view)
{
    private readonly Look _look = scene.Look;

    /// <summary>Those that can be seen, in their order.</summary>
    /// <param name="faces">Faces.</param>
    /// <param name="things">Where each thing begins among them, see <see cref="Scene.Things"/>.</param>
    public ProjectedFace[] Project(List<Face> faces, List<int> things)
    {
        List<ProjectedFace> projected = new(faces.Count);
        int thing = 0;
        for (int i = 0; i < faces.Count; i++)
        {
            while (thing < things.Count && things[thing] <= i)
            {
                thing++;
            }

            Face face = faces[i];
            if (ProjectedFace.Project(face, view, Light(face), Snow(face), thing) is ProjectedFace seen)
            {
                projected.Add(seen);
            }
        }

        return [.. projected];
    }

    private float Light(Face face)
    {
        Point3 normal = face.Normal();
        bool isBack = normal.Dot(face.At(face.Outline[0]) - view.Camera.Eye) > 0;
        double facing = normal.Dot(scene.SunDirection) * (isBack ? -1 : 1);
        return (float)(_look.Ambient + (_look.Sun * Math.Max(0, facing)));
    }

    private float Snow(Face face) => face.Class switch
    {
        StreetClass.Vegetation => _look.Snow * 0.62f,
        StreetClass.Road => _look.Snow * 0.72f,
        StreetClass.Person or StreetClass.Rider or StreetClass.Ignored => 0,
        _ => _look.Snow * (float)Math.Abs(face.Normal().Y),
    };
}
