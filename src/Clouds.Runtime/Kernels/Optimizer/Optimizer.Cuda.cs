using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Device memory of an optimiser step; borrowed, all of one layout and aligned to 16 bytes.</summary>
public readonly ref struct DeviceArenas
{
    /// <summary>Updated.</summary>
    public required DeviceSpan<float> Parameters { get; init; }

    /// <summary>Read, or cleared after reading.</summary>
    public required DeviceSpan<float> Gradients { get; init; }

    /// <summary>Updated.</summary>
    public required DeviceSpan<float> FirstMoment { get; init; }

    /// <summary>Updated.</summary>
    public required DeviceSpan<float> SecondMoment { get; init; }

    /// <summary>Updated with the average; empty where no step does that.</summary>
    public DeviceSpan<float> Teacher { get; init; }
}

/// <summary>
/// <see cref="Optimizer"/> on a GPU (kernels/adamw.cu): norm, clipping, AdamW and teacher with the twin's bits, and no wait for the host.
/// Owns its tables; dispose it.
/// </summary>
public sealed class CudaOptimizer : IDisposable
{
    private const int PiecesPerChunk = 8;
    private readonly CudaKernels _kernels;
    private readonly int _parameters;
    private readonly long _floats;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<OptimizerChunk> _chunks;
    private readonly DeviceBuffer<uint> _firstChunk;
    private readonly DeviceBuffer<AdamW> _rules;
    private readonly DeviceBuffer<double> _squares;
    private readonly DeviceBuffer<double> _norms;
    private readonly DeviceBuffer<float> _scales;

    /// <summary>Lays out the tables.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of the upload and of all steps.</param>
    /// <param name="parameters">Offset, a multiple of 4, and length in floats and group of each parameter; zero lengths allowed.</param>
    public CudaOptimizer(CudaKernels kernels, CudaStream stream, IReadOnlyList<(long Offset, long Length, int Group)> parameters)
    {
        KernelCheck.That(parameters.All(parameter => parameter.Offset % 4 == 0), "adamw", "parameters must begin at multiples of 4 floats");
        OptimizerChunk[] chunks = Optimizer.Cut(parameters);
        uint[] first = new uint[parameters.Count + 1];
        foreach (OptimizerChunk chunk in chunks)
        {
            first[chunk.Parameter + 1]++;
        }

        for (int i = 1; i < first.Length; i++)
        {
            first[i] += first[i - 1];
        }

        (_kernels, _parameters) = (kernels, parameters.Count);
        _floats = parameters.Count == 0 ? 0 : parameters.Max(parameter => parameter.Offset + parameter.Length);
        _buffers = new DeviceBuffers(kernels.Context);
        _chunks = _buffers.Upload(stream, chunks);
        _firstChunk = _buffers.Upload(stream, first);
        _rules = _buffers.Allocate<AdamW>(parameters.Select(parameter => parameter.Group + 1).DefaultIfEmpty(1).Max());
        _squares = _buffers.Allocate<double>(chunks.Length);
        _norms = _buffers.Allocate<double>(1 + parameters.Count);
        _scales = _buffers.Allocate<float>(1 + parameters.Count);
    }

    /// <summary>Sums of squares, norms and the update itself, for a number of chunks and parameters.</summary>
    public static (LaunchPlan Squares, LaunchPlan Norms, LaunchPlan Update) Plan(long chunks, int parameters)
        => (new((uint)chunks, 256), new(1 + LaunchPlan.Cover(parameters, 256), 256), new((uint)chunks, 256, PiecesPerChunk));

    /// <summary>Launches one step; parameters and meaning as in <see cref="Optimizer.Step"/>.</summary>
    public void Step(CudaStream stream, DeviceArenas arenas, OptimizerSettings settings, ReadOnlySpan<GroupSetting> groups,
        long step, TeacherUpdate teacher = TeacherUpdate.None, double teacherMomentum = 0, bool clearGradients = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        KernelCheck.That(groups.Length >= _rules.Length, "adamw", $"{groups.Length} groups are given, the parameters name {_rules.Length}");
        Check(arenas, teacher);
        AdamW[] rules = new AdamW[_rules.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            rules[i] = new AdamW(settings, groups[i], step, teacher, teacherMomentum);
        }

        stream.Upload<AdamW>(rules, _rules.Span);
        (LaunchPlan squares, LaunchPlan norms, LaunchPlan update) = Plan(_chunks.Length, _parameters);
        LaunchSquares(stream, arenas.Gradients, squares);
        LaunchNorms(stream, settings, norms);
        LaunchUpdate(stream, arenas, settings, clearGradients, update);
    }

    /// <summary>The last step's gradient norm; waits for the stream.</summary>
    public OptimizerStep Result(CudaStream stream)
    {
        double norm = 0;
        stream.Download(_norms.Span.Slice(0, 1), new Span<double>(ref norm));
        return new OptimizerStep(norm, Skipped: !double.IsFinite(norm));
    }

    /// <summary>The last step's norm of each parameter's gradient; waits for the stream.</summary>
    public double[] ParameterNorms(CudaStream stream)
    {
        double[] norms = new double[_parameters];
        stream.Download<double>(_norms.Span.Slice(1, _parameters), norms);
        return norms;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private void Check(DeviceArenas arenas, TeacherUpdate teacher)
    {
        long shortest = Math.Min(Math.Min(arenas.Parameters.Length, arenas.Gradients.Length), Math.Min(arenas.FirstMoment.Length, arenas.SecondMoment.Length));
        shortest = teacher == TeacherUpdate.None ? shortest : Math.Min(shortest, arenas.Teacher.Length);
        KernelCheck.That(shortest >= _floats, "adamw", $"an arena has {shortest} floats, the layout {_floats}");
        ulong addresses =
            arenas.Parameters.Address | arenas.Gradients.Address | arenas.FirstMoment.Address | arenas.SecondMoment.Address | arenas.Teacher.Address;
        KernelCheck.That(addresses % 16 == 0, "adamw", "arenas must be aligned to 16 bytes");
    }

    private void LaunchSquares(CudaStream stream, DeviceSpan<float> gradients, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_chunks.Span);
        arguments.Add(gradients);
        arguments.Add(_squares.Span);
        stream.Launch(_kernels["adamw.cu", "gradient_squares"], plan, ref arguments);
    }

    private void LaunchNorms(CudaStream stream, OptimizerSettings settings, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_firstChunk.Span);
        arguments.Add((uint)_parameters);
        arguments.Add(_squares.Span);
        arguments.Add(settings.ClipLimit);
        arguments.Add(settings.Clip is ClipMode.FullModel or ClipMode.ParameterNorm ? 1u : 0);
        arguments.Add(_norms.Span);
        arguments.Add(_scales.Span);
        stream.Launch(_kernels["adamw.cu", "gradient_norms"], plan, ref arguments);
    }

    private void LaunchUpdate(CudaStream stream, DeviceArenas arenas, OptimizerSettings settings, bool clear, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_chunks.Span);
        arguments.Add(_rules.Span);
        arguments.Add(_norms.Span);
        arguments.Add(_scales.Span);
        arguments.Add(settings.Clip == ClipMode.ParameterNorm ? 1u : 0);
        arguments.Add(clear ? 1u : 0);
        arguments.Add(arenas.Parameters);
        arguments.Add(arenas.Gradients);
        arguments.Add(arenas.FirstMoment);
        arguments.Add(arenas.SecondMoment);
        arguments.Add(arenas.Teacher);
        stream.Launch(_kernels["adamw.cu", "adamw"], plan, ref arguments);
    }
}
