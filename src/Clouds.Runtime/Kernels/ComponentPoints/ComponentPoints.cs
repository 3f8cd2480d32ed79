using Clouds.Graph.Randomness;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// k different random pixels of each component, the prompts for Segment Anything (paper section 3.3; kernels.md section 3). Every draw is a
/// function of (seed, image, the component's first pixel, its number), so the points depend neither on the order nor on the number of the
/// components, and kernels/component_points.cu gives the same ones.
/// </summary>
/// <remarks>
/// Candidate i is the pixel (x0 + hi(r0 · width), y0 + hi(r1 · height)) of the box, with r = Philox4x32-10(counter (i, first pixel, image, 0),
/// key seed) and hi the upper 32 bits. It is taken if the component covers it, with the whole window of an erosion if asked for, and if it
/// was not taken before. After <see cref="Candidates"/> candidates all points are drawn anew by rank among the component's n pixels in raster
/// order: point j has the t-th rank that is still free, t = hi(r0 · (n − j)), r = Philox(counter (<see cref="Candidates"/> + j, first pixel, image, 0)).
/// A component of fewer than k pixels gets none, as in the reference code.
/// </remarks>
public static class ComponentPoints
{
    /// <summary>Candidates drawn from the box before the ranks: 32 for each of a warp's 4,096 rounds.</summary>
    public const int Candidates = 4096 * 32;

    /// <summary>Draws points for every component of a table.</summary>
    /// <param name="components">A workspace that kept the pixels of its last map.</param>
    /// <param name="count">k.</param>
    /// <param name="seed">Key of the generator.</param>
    /// <param name="image">Number of the image within the seed.</param>
    /// <param name="points">(x, y) in pixels, [components, k, 2], overwritten; components without points get zeros.</param>
    /// <param name="counts">k or 0 for each component, overwritten.</param>
    /// <param name="erosion">Odd side of a window that has to lie inside the component; 1 = none.</param>
    public static void Run(ConnectedComponents components, int count, ulong seed, uint image, Span<float> points, Span<int> counts, int erosion = 1)
    {
        ReadOnlySpan<Component> table = components.Table;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (erosion < 1 || (erosion & 1) == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(erosion), erosion, "the window's side is odd");
        }

        if (points.Length != 2L * count * table.Length || counts.Length != table.Length)
        {
            throw new ArgumentException(
                $"component points: room for {points.Length} coordinates and {counts.Length} counts, expected {2L * count * table.Length} and {table.Length}");
        }

        for (int i = 0; i < table.Length; i++)
        {
            Drawing drawing = new(components, i, table[i], seed, image, erosion / 2, points.Slice(2 * count * i, 2 * count));
            counts[i] = drawing.Draw() ? count : 0;
        }
    }

    /// <summary>One component's points.</summary>
    private ref struct Drawing(ConnectedComponents components, int index, Component component, ulong seed, uint image, int radius, Span<float> points)
    {
        private readonly Span<float> _points = points;
        private int _taken;

        public bool Draw()
        {
            _points.Clear();
            int wanted = _points.Length / 2;
            if (component.Area < wanted || (radius > 0 && Walk(-1, out _, out _) < wanted))
            {
                return false;
            }

            for (uint i = 0; i < Candidates && _taken < wanted; i++)
            {
                (uint r0, uint r1) = Random(i);
                int x = component.X0 + Scale(r0, component.Width);
                int y = component.Y0 + Scale(r1, component.Height);
                if (Belongs(x, y) && !IsTaken(x, y))
                {
                    Take(x, y);
                }
            }

            return _taken == wanted || DrawRanks(wanted);
        }

        private static int Scale(uint random, int range) => (int)(((ulong)random * (uint)range) >> 32);

        private readonly (uint First, uint Second) Random(uint number)
        {
            Span<uint> block = [number, (uint)component.FirstPixel, image, 0];
            RandomStream.Philox(block, (uint)seed, (uint)(seed >> 32));
            return (block[0], block[1]);
        }

        private readonly bool Belongs(int x, int y) => radius == 0 ? components.ComponentAt(x, y) == index : components.Covers(index, x, y, radius);

        private readonly bool IsTaken(int x, int y)
        {
            for (int i = 0; i < _taken; i++)
            {
                if (_points[2 * i] == x && _points[(2 * i) + 1] == y)
                {
                    return true;
                }
            }

            return false;
        }

        private void Take(int x, int y)
        {
            (_points[2 * _taken], _points[(2 * _taken) + 1]) = (x, y);
            _taken++;
        }

        /// <summary>Thin components: ranks among the component's pixels, without replacement, found by walking its runs.</summary>
        private bool DrawRanks(int wanted)
        {
            _points.Clear();
            _taken = 0;
            int pixels = Walk(-1, out _, out _);
            if (pixels < wanted)
            {
                return false;
            }

            List<int> sorted = [];
            for (int j = 0; j < wanted; j++)
            {
                int rank = Scale(Random((uint)(Candidates + j)).First, pixels - j);
                int place = 0;
                for (; place < sorted.Count && sorted[place] <= rank; place++)
                {
                    rank++;
                }

                sorted.Insert(place, rank);
                Walk(rank, out int x, out int y);
                Take(x, y);
            }

            return true;
        }

        /// <summary>Counts the component's pixels in raster order up to the one of a rank, or all for −1.</summary>
        private readonly int Walk(int rank, out int x, out int y)
        {
            int passed = 0;
            for (y = component.Y0; y <= component.Y1; y++)
            {
                for (int run = components.NextRun(index, y, 0, out int start, out int end);
                    run >= 0;
                    run = components.NextRun(index, y, run + 1, out start, out end))
                {
                    for (x = start; x < end; x++)
                    {
                        passed += radius == 0 || components.Covers(index, x, y, radius) ? 1 : 0;
                        if (passed == rank + 1 && rank >= 0)
                        {
                            return passed;
                        }
                    }
                }
            }

            x = 0;
            return passed;
        }
    }
}
