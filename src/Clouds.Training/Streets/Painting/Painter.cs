using System.Numerics;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Streets.Geometry;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;
using Clouds.Training.Streets.Scenery;

namespace Clouds.Training.Streets.Painting;

/// <summary>
/// Turns a scene into colours, distances and labels: visibility first, band by band, then one colour for every visible sample. A pixel's
/// colour is the mean of its 2 x 2 samples, its label the class that most of them see (the upper left one's where none leads).
/// </summary>
internal sealed class Painter
{
    private const int BandRows = 16 * Viewport.Grid;

    // Samples that differ by less than this (5 of 255 steps) are not told apart by the eye.
    private const float Agreement = 0.02f;

    private readonly Scene _scene;
    private readonly Look _look;
    private readonly Viewport _view;
    private readonly ProjectedFace[] _faces;
    private readonly int _shadowsFrom;
    private readonly int _shadowsTo;
    private readonly float _inverseFocal;
    private readonly Vector4 _snow = Colour.Of(0xF0F3F8);

    public Painter(Scene scene, int width, int height)
    {
        _scene = scene;
        _look = scene.Look;
        _view = new Viewport(scene.Camera, width * Viewport.Grid, height * Viewport.Grid);
        _inverseFocal = (float)(Viewport.Grid / _view.Focal);
        LitFaces lit = new(scene, _view);
        ProjectedFace[] ground = lit.Project(scene.Ground, []);
        ProjectedFace[] shadows = lit.Project(scene.Shadows, []);
        _shadowsFrom = ground.Length;
        _shadowsTo = ground.Length + shadows.Length;
        _faces = [.. ground, .. shadows, .. lit.Project(scene.Solids, scene.Things)];
        if (_faces.Length >= VisibilityBuffer.Nothing)
        {
            throw new CloudsException(
                Failure.Usage, "a street scene is too crowded", "faces", $"{_faces.Length}",
                $"fewer than {VisibilityBuffer.Nothing}", "lower the densities in StreetConfig");
        }
    }

    /// <summary>Paints every pixel of the film and of the labels.</summary>
    /// <param name="film">Overwritten.</param>
    /// <param name="labels">Overwritten.</param>
    /// <param name="things">Which thing each pixel belongs to, 0 for none; empty where nobody asks.</param>
    public void Paint(Film film, LabelMap labels, int[] things)
    {
        VisibilityBuffer band = new(_view.Width, BandRows);
        for (int row = 0; row < _view.Height; row += BandRows)
        {
            band.Begin(row);
            for (int id = 0; id < _faces.Length; id++)
            {
                band.Draw(_faces[id], (ushort)id, id >= _shadowsFrom && id < _shadowsTo);
            }

            int last = Math.Min(film.Height, (row + BandRows) / Viewport.Grid);
            for (int y = row / Viewport.Grid; y < last; y++)
            {
                PaintRow(band, film, labels, things, y, row);
            }
        }
    }

    private void PaintRow(VisibilityBuffer band, Film film, LabelMap labels, int[] things, int y, int bandRow)
    {
        Span<ushort> ids = stackalloc ushort[4];
        for (int x = 0; x < film.Width; x++)
        {
            int upper = (((2 * y) - bandRow) * _view.Width) + (2 * x);
            int lower = upper + _view.Width;
            ids[0] = band.Faces[upper];
            ids[1] = band.Faces[upper + 1];
            ids[2] = band.Faces[lower];
            ids[3] = band.Faces[lower + 1];
            int pixel = (y * film.Width) + x;
            film.Colours[pixel] = Mean(band, upper, 2 * x, 2 * y, ids[0] == ids[1] && ids[0] == ids[2] && ids[0] == ids[3]);
            film.Nearness[pixel] =
                (band.InverseDepths[upper] + band.InverseDepths[upper + 1] + band.InverseDepths[lower] + band.InverseDepths[lower + 1]) * 0.25f;
            StreetClass most = Most(ids);
            labels.Ids[pixel] = (ushort)most;
            if (things.Length > 0)
            {
                things[pixel] = Thing(ids, most);
            }
        }
    }

    /// <summary>
    /// Mean colour of a pixel. Inside one face two samples on a diagonal are enough where they agree; that halves the time.
    /// </summary>
    private Vector4 Mean(VisibilityBuffer band, int i, int x, int y, bool isOneFace)
    {
        Vector4 first = Sample(band, i, x, y);
        Vector4 last = Sample(band, i + _view.Width + 1, x + 1, y + 1);
        if (isOneFace && IsClose(first, last))
        {
            return (first + last) * 0.5f;
        }

        return (first + last + Sample(band, i + 1, x + 1, y) + Sample(band, i + _view.Width, x, y + 1)) * 0.25f;
    }

    private Vector4 Sample(VisibilityBuffer band, int i, int x, int y)
    {
        ushort id = band.Faces[i];
        return id == VisibilityBuffer.Nothing ? ShadeSky(x, y) : Shade(_faces[id], x, y, band.InverseDepths[i], band.Shadows[i]);
    }

    private static bool IsClose(Vector4 a, Vector4 b) =>
        MathF.Abs(a.X - b.X) < Agreement && MathF.Abs(a.Y - b.Y) < Agreement && MathF.Abs(a.Z - b.Z) < Agreement && a.W == b.W;

    private Vector4 Shade(ProjectedFace face, int x, int y, float inverseDepth, bool isShadowed)
    {
        Spot spot = face.Spot(x, y, inverseDepth, _inverseFocal);
        Vector4 colour = face.Face.Material.Shade(spot);
        if (face.Snow > 0)
        {
            float drift = NoiseTile.Sample(spot.U * 2.3f, spot.V * 1.1f, 4242);
            colour = Colour.Mix(colour, _snow, Math.Clamp(((drift - 1) * 2.5f) + (face.Snow * 3.2f), 0, 0.97f));
        }

        float light = face.Light * (isShadowed ? 1 - _look.Shadow : 1);
        return Colour.Scale(colour, light + ((1 - light) * colour.W));
    }

    private Vector4 ShadeSky(int x, int y)
    {
        float side = (float)((x + 0.5 - _view.CentreX) / _view.Focal);
        float rise = (float)(((_view.CentreY - y - 0.5) / _view.Focal) - _view.Camera.Pitch);
        return _scene.Sky.Shade(side, rise);
    }

    private StreetClass Most(ReadOnlySpan<ushort> ids)
    {
        StreetClass first = Class(ids[0]);
        if (ids[0] == ids[1] && ids[0] == ids[2])
        {
            return first;
        }

        StreetClass second = Class(ids[1]);
        StreetClass third = Class(ids[2]);
        StreetClass fourth = Class(ids[3]);
        bool firstHasTwo = first == second || first == third || first == fourth;
        bool restHasThree = second == third && second == fourth;
        if (firstHasTwo && !restHasThree)
        {
            return first;
        }

        return second == third || second == fourth ? second : third == fourth ? third : first;
    }

    /// <summary>The thing of the first sample that sees the class.</summary>
    private int Thing(ReadOnlySpan<ushort> ids, StreetClass seen)
    {
        int first = 0;
        while (Class(ids[first]) != seen)
        {
            first++;
        }

        return ids[first] == VisibilityBuffer.Nothing ? 0 : _faces[ids[first]].Thing;
    }

    private StreetClass Class(ushort id) => id == VisibilityBuffer.Nothing ? StreetClass.Sky : _faces[id].Face.Class;
}
