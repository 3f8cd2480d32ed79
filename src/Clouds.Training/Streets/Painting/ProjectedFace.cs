using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Materials;

namespace Clouds.Training.Streets.Painting;

/// <summary>
/// A face as a camera of a given size sees it. On screen 1/z, u/z and v/z are affine, so one division a sample recovers the place.
/// </summary>
internal sealed class ProjectedFace
{
    private readonly float _u0, _u1, _u2;
    private readonly float _v0, _v1, _v2;
    private readonly float _w0, _w1, _w2;
    private readonly float _centreU, _centreV, _scaleU, _scaleV;

    private ProjectedFace(Face face, double[] x, double[] y, Point3 u, Point3 v, Point3 w)
    {
        Face = face;
        X = x;
        Y = y;
        Top = y.Min();
        Bottom = y.Max();
        (_u0, _u1, _u2) = ((float)u.X, (float)u.Y, (float)u.Z);
        (_v0, _v1, _v2) = ((float)v.X, (float)v.Y, (float)v.Z);
        (_w0, _w1, _w2) = ((float)w.X, (float)w.Y, (float)w.Z);
        (_centreU, _scaleU) = Span(face.Outline.Select(c => c.U));
        (_centreV, _scaleV) = Span(face.Outline.Select(c => c.V));
    }

    public Face Face { get; }

    /// <summary>Sunlight and daylight on the face, 1 = fully lit.</summary>
    public required float Light { get; init; }

    /// <summary>How much snow lies on it, 0..1.</summary>
    public required float Snow { get; init; }

    /// <summary>Which thing it is part of, from 1; 0: none.</summary>
    public required int Thing { get; init; }

    /// <summary>Screen corners, samples.</summary>
    public double[] X { get; }

    /// <summary>Screen corners, samples.</summary>
    public double[] Y { get; }

    public double Top { get; }

    public double Bottom { get; }

    /// <summary>1 / metres ahead at a sample.</summary>
    public float InverseDepth(float x, float y) => (_w0 * x) + (_w1 * y) + _w2;

    /// <summary>The place on the face under a sample.</summary>
    /// <param name="x">Sample column.</param>
    /// <param name="y">Sample row.</param>
    /// <param name="inverseDepth">1 / z there.</param>
    /// <param name="inverseFocal">1 / focal length in pixels.</param>
    public Spot Spot(float x, float y, float inverseDepth, float inverseFocal)
    {
        float z = 1 / inverseDepth;
        float u = ((_u0 * x) + (_u1 * y) + _u2) * z;
        float v = ((_v0 * x) + (_v1 * y) + _v2) * z;
        return new Spot(u, v, (u - _centreU) * _scaleU, (v - _centreV) * _scaleV, z * inverseFocal);
    }

    /// <summary>Projects a face; null where nothing of it can be seen.</summary>
    public static ProjectedFace? Project(Face face, Viewport view, float light, float snow, int thing)
    {
        Camera camera = view.Camera;
        Point3 origin = camera.View(face.Origin);
        Point3 axisU = camera.Turn(face.AxisU);
        Point3 axisV = camera.Turn(face.AxisV);
        double volume = origin.Dot(axisU.Cross(axisV));
        if (Math.Abs(volume) < 1e-7)
        {
            return null;
        }

        (double[] x, double[] y) = Screen(ClipNear([.. face.Outline.Select(c => origin + (axisU * c.U) + (axisV * c.V))]), view);
        if (x.Length < 3 || x.Max() < 0 || y.Max() < 0 || x.Min() > view.Width || y.Min() > view.Height)
        {
            return null;
        }

        double scale = 1 / volume;
        return new ProjectedFace(
            face,
            x,
            y,
            view.ToScreen(axisV.Cross(origin) * scale),
            view.ToScreen(origin.Cross(axisU) * scale),
            view.ToScreen(axisU.Cross(axisV) * scale))
        {
            Light = light,
            Snow = snow,
            Thing = thing,
        };
    }

    private static List<Point3> ClipNear(Point3[] corners)
    {
        List<Point3> kept = new(corners.Length + 1);
        for (int i = 0; i < corners.Length; i++)
        {
            Point3 a = corners[i];
            Point3 b = corners[(i + 1) % corners.Length];
            if (a.Z >= Camera.Near)
            {
                kept.Add(a);
            }

            if (a.Z >= Camera.Near != b.Z >= Camera.Near)
            {
                kept.Add(a + ((b - a) * ((Camera.Near - a.Z) / (b.Z - a.Z))));
            }
        }

        return kept;
    }

    private static (double[] X, double[] Y) Screen(List<Point3> corners, Viewport view) =>
        ([.. corners.Select(c => view.CentreX + (view.Focal * c.X / c.Z))], [.. corners.Select(c => view.CentreY + (view.Focal * c.Y / c.Z))]);

    private static (float Centre, float Scale) Span(IEnumerable<double> values)
    {
        double low = values.Min();
        double high = values.Max();
        return ((float)((low + high) / 2), (float)(2 / Math.Max(high - low, 1e-9)));
    }
}
