using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Sessions;

/// <summary>The buffers of a <see cref="ParameterArena"/> in the memory of a GPU, zeroed; the arena owns them. Copies run on the GPU's stream.</summary>
public sealed unsafe class ArenaOnDevice : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly DeviceBuffers _owned;
    private readonly Dictionary<ArenaPart, DeviceBuffer<float>> _buffers = [];

    internal ArenaOnDevice(Gpu gpu, ParameterArena arena)
    {
        (Gpu, _arena, _owned) = (gpu, arena, new DeviceBuffers(gpu.Context));
        foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(arena.Has))
        {
            _buffers[part] = _owned.Allocate<float>(arena.Floats);
            gpu.Stream.Fill(_buffers[part].Span);
        }
    }

    /// <summary>Where they lie.</summary>
    public Gpu Gpu { get; }

    /// <summary>A whole buffer; borrowed.</summary>
    public DeviceSpan<float> this[ArenaPart part] => _buffers[part].Span;

    /// <summary>The buffers for <see cref="CudaOptimizer.Step"/>.</summary>
    internal DeviceArenas Arenas => new()
    {
        Parameters = this[ArenaPart.Parameters],
        Gradients = this[ArenaPart.Gradients],
        FirstMoment = this[ArenaPart.FirstMoment],
        SecondMoment = this[ArenaPart.SecondMoment],
        Teacher = _arena.Has(ArenaPart.Teacher) ? this[ArenaPart.Teacher] : default,
    };

    /// <summary>Copies the host's buffer here.</summary>
    public void Send(ArenaPart part) => Gpu.Stream.Upload((float*)_arena.Buffer(part).Pointer, this[part]);

    /// <summary>Copies this buffer to the host's and waits for it.</summary>
    public void Fetch(ArenaPart part)
    {
        Gpu.Stream.Fetch(this[part], (float*)_arena.Buffer(part).Pointer);
        Gpu.Stream.Synchronise();
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.Dispose();
}
