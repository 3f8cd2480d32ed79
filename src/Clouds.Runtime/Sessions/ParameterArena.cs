using Clouds.Diagnostics;
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
/// are one pass each. Owns the memory; dispose it after the sessions bound to it.
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
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: a name comes twice.</exception>
    public ParameterArena(IEnumerable<(string Name, long[] Shape, int Group)> parameters, bool training = true, bool teacher = false)
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
    }

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
            session.Bind(slot.Name, Pointer(part, slot.Name), slot.Shape);
            if (gradientName is not null)
            {
                session.Bind(gradientName(slot.Name), Pointer(ArenaPart.Gradients, slot.Name), slot.Shape);
            }
        }
    }

    /// <summary>Makes the teacher equal to the parameters.</summary>
    public void CopyToTeacher() => System.Buffer.MemoryCopy(
        Buffer(ArenaPart.Parameters).Pointer, Buffer(ArenaPart.Teacher).Pointer, Floats * sizeof(float), Floats * sizeof(float));

    /// <summary>An optimiser over this layout.</summary>
    public Optimizer CreateOptimizer() => new([.. Slots.Select(slot => (slot.Offset, slot.Length, slot.Group))]);

    /// <summary>The buffers for <see cref="Optimizer.Step"/>.</summary>
    public OptimizerArenas OptimizerArenas => new(
        Buffer(ArenaPart.Parameters).Elements<float>(),
        Buffer(ArenaPart.Gradients).Elements<float>(),
        Buffer(ArenaPart.FirstMoment).Elements<float>(),
        Buffer(ArenaPart.SecondMoment).Elements<float>(),
        Has(ArenaPart.Teacher) ? Buffer(ArenaPart.Teacher).Elements<float>() : default);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer? buffer in _buffers)
        {
            buffer?.Dispose();
        }
    }
}
