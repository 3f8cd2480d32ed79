using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Training.Engine;

/// <summary>A step's random draws that a GPU makes by itself: noted while the batch is filled, from any thread, and launched together.</summary>
/// <param name="gpu">The GPU.</param>
internal sealed class DrawList(Gpu gpu) : IDisposable
{
    private readonly CudaUniformDraws _kernel = new(gpu.Kernels, gpu.Stream);
    private readonly List<DrawSegment> _segments = [];

    /// <summary>Notes draws and moves the stream behind them.</summary>
    public void Add(DeviceSpan<float> target, RandomStream random)
    {
        DrawSegment segment = new(target.Address, (ulong)target.Length, random.Position, random.Key);
        random.Position += (ulong)target.Length;
        lock (_segments)
        {
            _segments.Add(segment);
        }
    }

    /// <summary>Draws what was noted.</summary>
    public void Launch()
    {
        foreach (DrawSegment[] segments in _segments.Chunk(CudaUniformDraws.MostSegments))
        {
            _kernel.Run(gpu.Stream, segments);
        }

        _segments.Clear();
    }

    public void Dispose() => _kernel.Dispose();
}
