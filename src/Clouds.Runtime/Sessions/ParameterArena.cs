using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Sessions;

/// <summary>A parameter tensor's place in the arenas.</summary>
/// <param name="Name">The checkpoint's name.</param>
/// <param name="Shape">Dimensions; empty = scalar.</param>
/// <param name="Group">Index of its optimiser group.</param>
/// <param name="Offset">First float in every arena, a multiple of 64 (256 bytes).</param>
/// <param name="Length">Floats.</param>
public sealed record ParameterSlot(string Name, long[] Shape, int Group, long Offset, long Length);

/// <summary>The flat buffers of a <see cref="ParameterArena"/>.</summary>
public enum ArenaPart
{
    /// <summary>Parameters.</summary>
    Parameters,

    /// <summary>Gradients, written by the graph.</summary>
    Gradients,

    /// <summary>Adam's m.</summary>
    FirstMoment,

    /// <summary>Adam's v.</summary>
    SecondMoment,

    /// <summary>The teacher's parameters.</summary>
    Teacher,
}

/// <summary>
/// Parameters, gradients, moments and teacher as flat zeroed buffers of one layout, so that clipping, AdamW, averaging and all-reduce
/// are one pass each. With a GPU they lie there, and the host's buffers are what was last fetched or will be sent. Owns the memory; dispose it
/// after the sessions bound to it.
/// </summary>
public sealed unsafe class ParameterArena : IDisposable
{
    private const int AlignmentFloats = 64;
    private readonly Dictionary<string, ParameterSlot> _byName;
    private readonly NativeBuffer?[] _buffers = new NativeBuffer?[5];

    /// <summary>Lays the tensors out in the order given.</summary>
    /// <param name="parameters">Name, shape and optimiser group of each.</param>
    /// <param name="training">Make gradients and moments.</param>
    /// <param name="teacher">Make the teacher's buffer.</param>
    /// <param name="gpu">Where they lie; null: in the host's memory alone.</param>
    /// <exception cref="CloudsException">
    /// <see cref="Failure.Internal"/>: a name comes twice; <see cref="Failure.Device"/>: the GPU has not that much memory.
    /// </exception>
    public ParameterArena(IEnumerable<(string Name, long[] Shape, int Group)> parameters, bool training = true, bool teacher = false, Gpu? gpu = null)
    {
        List<ParameterSlot> slots = [];
        foreach ((string name, long[] shape, int group) in parameters)
        {
            long length = shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
            slots.Add(new ParameterSlot(name, shape, group, Floats, length));
            Floats = checked((Floats + length + AlignmentFloats - 1) / AlignmentFloats * AlignmentFloats);
        }

        Slots = slots;
        string? twice = slots.GroupBy(slot => slot.Name).FirstOrDefault(same => same.Count() > 1)?.Key;
        _byName = twice is null ? slots.ToDictionary(slot => slot.Name) : throw new CloudsException(Failure.Internal, "a parameter name comes twice", twice);
        for (int part = 0; part < _buffers.Length; part++)
        {
            bool wanted = (ArenaPart)part switch { ArenaPart.Parameters => true, ArenaPart.Teacher => teacher, _ => training };
            _buffers[part] = wanted ? new NativeBuffer(Floats * sizeof(float)) : null;
        }

        try
        {
            OnDevice = gpu is null ? null : new ArenaOnDevice(gpu, this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The buffers on the GPU; null where there is none.</summary>
    public ArenaOnDevice? OnDevice { get; }

    /// <summary>All tensors in layout order.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>Length of each buffer in floats, gaps included; gaps stay zero.</summary>
    public long Floats { get; }

    /// <summary>Number of parameters, gaps not counted.</summary>
    public long ParameterCount => Slots.Sum(slot => slot.Length);

    /// <summary>True where the buffer was asked for.</summary>
    public bool Has(ArenaPart part) => _buffers[(int)part] is not null;

    /// <summary>A whole buffer.</summary>
    public NativeBuffer Buffer(ArenaPart part)
        => _buffers[(int)part] ?? throw new CloudsException(Failure.Internal, "the arena was made without this buffer", part.ToString());

    /// <summary>A tensor's place.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: no such parameter.</exception>
    public ParameterSlot Slot(string name)
        => _byName.TryGetValue(name, out ParameterSlot? slot) ? slot : throw new CloudsException(Failure.Internal, "no such parameter", name);

    /// <summary>A tensor's floats in one of the buffers; borrowed.</summary>
    public Span<float> Span(ArenaPart part, string name)
    {
        ParameterSlot slot = Slot(name);
        return Buffer(part).Span<float>(slot.Offset, checked((int)slot.Length));
    }

    /// <summary>Address of a tensor in one of the buffers, for binding.</summary>
    public float* Pointer(ArenaPart part, string name) => (float*)Buffer(part).Pointer + Slot(name).Offset;

    /// <summary>Binds every parameter to the graph port of its name and, where <paramref name="gradientName"/> is given, its gradient's port.</summary>
    /// <param name="session">Session with a port for each tensor.</param>
    /// <param name="part"><see cref="ArenaPart.Parameters"/> or <see cref="ArenaPart.Teacher"/>.</param>
    /// <param name="gradientName">Port name of a parameter's gradient; null = the graph has no gradients.</param>
    public void BindTo(GraphSession session, ArenaPart part = ArenaPart.Parameters, Func<string, string>? gradientName = null)
    {
        foreach (ParameterSlot slot in Slots)
        {
            BindTo(session, slot.Name, slot, part);
            if (gradientName is not null)
            {
                BindTo(session, gradientName(slot.Name), slot, ArenaPart.Gradients);
            }
        }
    }

    /// <summary>Binds one tensor to a port: where it lies on the GPU if the session's tensors lie there too, otherwise the host's.</summary>
    public void BindTo(GraphSession session, string port, ParameterSlot slot, ArenaPart part)
    {
        if (OnDevice is not null && session.Device.TensorGpu is not null)
        {
            session.Bind(port, OnDevice[part].Slice(slot.Offset, slot.Length), slot.Shape);
        }
        else
        {
            session.Bind(port, Pointer(part, slot.Name), slot.Shape);
        }
    }

    /// <summary>Brings what stands in the host's buffers to the GPU, gradients aside; without one, nothing is to be done.</summary>
    public void Send()
    {
        foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(part => part != ArenaPart.Gradients && Has(part)))
        {
            OnDevice?.Send(part);
        }
    }

    /// <summary>Brings what stands on the GPU to the host's buffers, gradients aside; without one, nothing is to be done.</summary>
    public void Fetch()
    {
        foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(part => part != ArenaPart.Gradients && Has(part)))
        {
            OnDevice?.Fetch(part);
        }
    }

    /// <summary>Copies the gradients of a session's last run to the side on which the session does not work; without a GPU, nothing is to be done.</summary>
    public void ShareGradients(GraphSession session)
    {
        if (session.Device.TensorGpu is null)
        {
            OnDevice?.Send(ArenaPart.Gradients);
        }
        else
        {
            OnDevice?.Fetch(ArenaPart.Gradients);
        }
    }

    /// <summary>Makes the host's teacher equal to the host's parameters.</summary>
    public void CopyToTeacher() => System.Buffer.MemoryCopy(
        Buffer(ArenaPart.Parameters).Pointer, Buffer(ArenaPart.Teacher).Pointer, Floats * sizeof(float), Floats * sizeof(float));

    /// <summary>An optimiser over this arena, where it lies; dispose it before the arena.</summary>
    public ArenaOptimizer CreateOptimizer() => new(this);

    /// <summary>The layout, as optimisers take it.</summary>
    public IReadOnlyList<(long Offset, long Length, int Group)> Layout => [.. Slots.Select(slot => (slot.Offset, slot.Length, slot.Group))];

    /// <inheritdoc/>
    public void Dispose()
    {
        OnDevice?.Dispose();
        foreach (NativeBuffer? buffer in _buffers)
        {
            buffer?.Dispose();
        }
    }
}
