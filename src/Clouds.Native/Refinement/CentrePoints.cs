using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>
/// The other selection of points (method.md section 4.1): different random pixels near the centre of mass of a component's largest part. Part
/// means 4-connected, after the erosion, as in the released code; points are ranks among the near pixels in raster order, drawn as
/// <see cref="ComponentPoints"/> draws its ranks.
/// </summary>
internal sealed class CentrePoints : IDisposable
{
    private const double Radius = 10;
    private static readonly ComponentRule AnyPart = new(Connectivity.Four, LargerThan: 0);

    private readonly ConnectedComponents _parts = new();

    /// <summary>Draws points for every component of a table.</summary>
    /// <param name="table">Components.</param>
    /// <param name="labels">[height, width]: index in the table of each pixel's component, or −1.</param>
    /// <param name="width">Columns.</param>
    /// <param name="draw">How many points, window, key.</param>
    /// <param name="points">(x, y), [components, k, 2], overwritten.</param>
    /// <param name="counts">[components], overwritten: k or 0.</param>
    public void Run(ReadOnlySpan<Component> table, ReadOnlySpan<int> labels, int width, PointDraw draw, Span<float> points, Span<int> counts)
    {
        points.Clear();
        for (int i = 0; i < table.Length; i++)
        {
            List<(int X, int Y)> near = Near(table[i], i, labels, width, draw.Window / 2);

            // The released code asks for more pixels than points here, not for as many.
            counts[i] = near.Count > draw.Count ? draw.Count : 0;
            if (counts[i] > 0)
            {
                Pick(near, table[i].FirstPixel, draw, points.Slice(2 * draw.Count * i, 2 * draw.Count));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    private List<(int X, int Y)> Near(Component component, int index, ReadOnlySpan<int> labels, int width, int radius)
    {
        byte[] box = new byte[component.Width * component.Height];
        for (int i = 0; i < box.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, component.Width);
            box[i] = Covers(labels, width, index, component.X0 + x, component.Y0 + y, radius) ? (byte)0 : ComponentRule.Ignore;
        }

        int[] parts = new int[box.Length];
        ReadOnlySpan<Component> found = _parts.Run(box, component.Height, component.Width, AnyPart, parts, threads: 1);
        int largest = 0;
        for (int i = 1; i < found.Length; i++)
        {
            largest = found[i].Area > found[largest].Area ? i : largest;
        }

        return found.IsEmpty ? [] : Near(parts, largest, component, found[largest].Area);
    }

    private static List<(int X, int Y)> Near(int[] parts, int largest, Component component, int area)
    {
        (long x, long y) sum = (0, 0);
        List<(int X, int Y)> pixels = new(area);
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i] == largest)
            {
                (int y, int x) = Math.DivRem(i, component.Width);
                pixels.Add((component.X0 + x, component.Y0 + y));
                sum = (sum.x + pixels[^1].X, sum.y + pixels[^1].Y);
            }
        }

        (double centreX, double centreY) = ((double)sum.x / area, (double)sum.y / area);
        pixels.RemoveAll(pixel => Math.Sqrt(((pixel.X - centreX) * (pixel.X - centreX)) + ((pixel.Y - centreY) * (pixel.Y - centreY))) >= Radius);
        return pixels;
    }

    private static bool Covers(ReadOnlySpan<int> labels, int width, int index, int x, int y, int radius)
    {
        int height = labels.Length / width;
        if (x < radius || y < radius || x + radius >= width || y + radius >= height)
        {
            return false;
        }

        for (int row = y - radius; row <= y + radius; row++)
        {
            if (labels.Slice((row * width) + x - radius, (2 * radius) + 1).ContainsAnyExcept(index))
            {
                return false;
            }
        }

        return true;
    }

    private static void Pick(List<(int X, int Y)> near, int firstPixel, PointDraw draw, Span<float> points)
    {
        for (int j = 0; j < draw.Count; j++)
        {
            Span<uint> block = [(uint)(ComponentPoints.Candidates + j), (uint)firstPixel, 0, 0];
            RandomStream.Philox(block, (uint)draw.Key, (uint)(draw.Key >> 32));
            int rank = (int)(((ulong)block[0] * (uint)near.Count) >> 32);
            (points[2 * j], points[(2 * j) + 1]) = near[rank];
            near.RemoveAt(rank);
        }
    }
}
