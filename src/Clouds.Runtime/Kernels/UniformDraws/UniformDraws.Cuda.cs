using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// <see cref="UniformDraws"/> on a GPU (kernels/uniform_draws.cu), with the bits of <see cref="Graph.Randomness.RandomStream"/>. Owns its table;
/// dispose it.
/// </summary>
public sealed class CudaUniformDraws : IDisposable
{
    /// <summary>Most segments of one launch.</summary>
    public const int MostSegments = 4096;

    // A block's stride over a segment, in floats, and most blocks a segment has: long ones are gone through in several turns.
    private const int FloatsPerBlock = 1024;
    private const uint MostBlocks = 16;

    private readonly CudaKernels _kernels;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<DrawSegment> _table;

    /// <summary>Makes the table.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of all launches.</param>
    public CudaUniformDraws(CudaKernels kernels, CudaStream stream)
    {
        (_kernels, _buffers) = (kernels, new DeviceBuffers(kernels.Context));
        _table = _buffers.Upload(stream, new DrawSegment[MostSegments]);
    }

    /// <summary>Sizes of the launch for a number of segments, the longest of which has so many floats.</summary>
    public static LaunchPlan Plan(int segments, long longest)
        => new(Math.Min(MostBlocks, LaunchPlan.Cover(longest, FloatsPerBlock)), FloatsPerBlock / 4, (uint)segments);

    /// <summary>Uploads the segments and launches, without waiting.</summary>
    /// <param name="stream">The stream of the constructor: its order keeps a table until its launch is done.</param>
    /// <param name="segments">What to draw, at most <see cref="MostSegments"/>; targets are addresses of floats.</param>
    public void Run(CudaStream stream, DrawSegment[] segments)
    {
        KernelCheck.That(segments.Length <= MostSegments, "uniform draws", $"{segments.Length} segments, at most {MostSegments} at once");
        KernelCheck.That(Array.TrueForAll(segments, segment => segment.Target % sizeof(float) == 0), "uniform draws", "targets must be aligned to 4 bytes");
        if (segments.Length > 0)
        {
            stream.Upload<DrawSegment>(segments, _table.Span.Slice(0, segments.Length));
            KernelArguments arguments = default;
            arguments.Add(_table.Span);
            stream.Launch(_kernels["uniform_draws.cu", "uniform_draws"], Plan(segments.Length, (long)segments.Max(segment => segment.Count)), ref arguments);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();
}
