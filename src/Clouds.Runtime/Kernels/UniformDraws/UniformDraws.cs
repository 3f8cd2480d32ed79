using Clouds.Graph.Randomness;

namespace Clouds.Runtime.Kernels;

/// <summary>Uniform draws in [0, 1) with 24 bits for many stretches of memory, each from a place of a counter-based stream (method.md section 2.3).</summary>
public static unsafe class UniformDraws
{
    /// <summary>Fills every segment; they must not overlap.</summary>
    /// <param name="segments">What to draw; targets are numbers of floats.</param>
    /// <param name="memory">Where to.</param>
    /// <param name="threads">0 = one a processor. The result does not depend on it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A segment does not lie inside the memory; nothing has been written.</exception>
    public static void Run(IReadOnlyList<DrawSegment> segments, HostSpan<float> memory, int threads = 0)
    {
        HostSpan<float>[] targets = [.. segments.Select(segment => memory.Slice((long)segment.Target, (long)segment.Count))];
        WorkSplit.Run(threads, targets.Length, (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                RandomStream stream = new(segments[i].Key) { Position = segments[i].Position };
                stream.Fill(new Span<float>(targets[i].Pointer(targets[i].Length, "segment", "its own length"), (int)targets[i].Length));
            }
        });
    }
}
