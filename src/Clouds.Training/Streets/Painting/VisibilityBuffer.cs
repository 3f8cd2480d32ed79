using Clouds.Training.Streets.Geometry;

namespace Clouds.Training.Streets.Painting;

/// <summary>
/// For every sample of a band of rows: which face is nearest, how far, and whether a shadow lies on it. Faces may come in any order;
/// of two in the same plane the later one wins, which is how figures are painted onto panels.
/// </summary>
/// <param name="width">Samples a row.</param>
/// <param name="rows">Rows in the band.</param>
internal sealed class VisibilityBuffer(int width, int rows)
{
    /// <summary>Stands for the sky.</summary>
    public const ushort Nothing = ushort.MaxValue;

    // A later face wins up to this relative distance behind an earlier one: 2 cm at 20 m.
    private const float Favour = 1.001f;

    private int _firstRow;

    public ushort[] Faces { get; } = new ushort[width * rows];

    public float[] InverseDepths { get; } = new float[width * rows];

    public bool[] Shadows { get; } = new bool[width * rows];

    /// <summary>Empties the band and moves it so that it begins at a row of the image.</summary>
    public void Begin(int firstRow)
    {
        _firstRow = firstRow;
        Array.Fill(Faces, Nothing);
        Array.Clear(InverseDepths);
        Array.Clear(Shadows);
    }

    /// <summary>Draws what of a face falls into the band.</summary>
    /// <param name="face">The face.</param>
    /// <param name="id">Its id in the buffer.</param>
    /// <param name="isShadow">Darken what lies in the same plane instead of covering it.</param>
    public void Draw(ProjectedFace face, ushort id, bool isShadow)
    {
        int from = Math.Max(_firstRow, Clamp(face.Top - 0.5));
        int to = Math.Min(_firstRow + rows, Clamp(face.Bottom - 0.5));
        for (int y = from; y < to; y++)
        {
            (int left, int right) = Extent(face, y + 0.5);
            int line = (y - _firstRow) * width;
            if (isShadow)
            {
                Darken(face, line, y, left, right);
            }
            else
            {
                Cover(face, id, line, y, left, right);
            }
        }
    }

    private void Cover(ProjectedFace face, ushort id, int line, int y, int left, int right)
    {
        Cutout cutout = face.Face.Cutout;
        for (int x = left; x < right; x++)
        {
            float nearness = face.InverseDepth(x, y);
            int i = line + x;
            if (nearness * Favour < InverseDepths[i] || (cutout.Shape != CutoutShape.None && !IsSolid(face, cutout, x, y, nearness)))
            {
                continue;
            }

            Faces[i] = id;
            InverseDepths[i] = nearness;
            Shadows[i] = false;
        }
    }

    private void Darken(ProjectedFace face, int line, int y, int left, int right)
    {
        for (int x = left; x < right; x++)
        {
            float nearness = face.InverseDepth(x, y);
            int i = line + x;
            if (nearness * 1.01f >= InverseDepths[i] && IsSolid(face, face.Face.Cutout, x, y, nearness))
            {
                Shadows[i] = true;
            }
        }
    }

    private static bool IsSolid(ProjectedFace face, Cutout cutout, int x, int y, float nearness)
    {
        Materials.Spot spot = face.Spot(x, y, nearness, 0);
        return cutout.Contains(spot.A, spot.B);
    }

    private (int Left, int Right) Extent(ProjectedFace face, double row)
    {
        double left = double.MaxValue;
        double right = double.MinValue;
        double[] xs = face.X;
        double[] ys = face.Y;
        for (int i = 0, j = xs.Length - 1; i < xs.Length; j = i++)
        {
            if (ys[i] <= row == ys[j] <= row)
            {
                continue;
            }

            // Always from the upper end, so that neighbours compute the same crossing for an edge that they share.
            (int a, int b) = ys[i] < ys[j] ? (i, j) : (j, i);
            double x = xs[a] + ((xs[b] - xs[a]) * ((row - ys[a]) / (ys[b] - ys[a])));
            left = Math.Min(left, x);
            right = Math.Max(right, x);
        }

        return left > right ? (0, 0) : (Math.Max(0, Clamp(left - 0.5)), Math.Min(width, Clamp(right - 0.5)));
    }

    private static int Clamp(double value) => (int)Math.Ceiling(Math.Clamp(value, -1e6, 1e6));
}
