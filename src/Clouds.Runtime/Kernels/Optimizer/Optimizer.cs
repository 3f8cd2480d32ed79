using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Clipping, AdamW and the teacher's moving average over flat arenas of one layout (kernels.md section 5): one pass that reads the
/// gradients and one that does the rest. The same bits for any number of threads: sums run over fixed chunks.
/// </summary>
/// <remarks>Update rule of torch.optim.AdamW (decoupled weight decay) and of torch.nn.utils.clip_grad_norm_.</remarks>
public sealed unsafe class Optimizer
{
    /// <summary>Largest chunk, in floats.</summary>
    public const int ChunkFloats = 65_536;

    private readonly OptimizerChunk[] _chunks;
    private readonly double[] _squares;
    private readonly double[] _norms;
    private readonly long _floats;

    /// <summary>Cuts the parameters into chunks.</summary>
    /// <param name="parameters">Offset and length in floats and group of each parameter, in arena order; zero lengths allowed.</param>
    public Optimizer(IReadOnlyList<(long Offset, long Length, int Group)> parameters)
    {
        _chunks = Cut(parameters);
        _squares = new double[_chunks.Length];
        _norms = new double[parameters.Count];
        _floats = parameters.Select(parameter => parameter.Offset + parameter.Length).DefaultIfEmpty().Max();
    }

    /// <summary>Norm of each parameter's gradient at the last step, before clipping.</summary>
    public ReadOnlySpan<double> ParameterNorms => _norms;

    /// <summary>The chunks of a layout in arena order; zero lengths fall away.</summary>
    internal static OptimizerChunk[] Cut(IReadOnlyList<(long Offset, long Length, int Group)> parameters)
    {
        List<OptimizerChunk> chunks = [];
        for (int i = 0; i < parameters.Count; i++)
        {
            (long offset, long length, int group) = parameters[i];
            for (long done = 0; done < length; done += ChunkFloats)
            {
                chunks.Add(new OptimizerChunk(offset + done, (int)Math.Min(ChunkFloats, length - done), i, group));
            }
        }

        return [.. chunks];
    }

    /// <summary>One optimiser step in place.</summary>
    /// <param name="arenas">The flat buffers, each at least as long as the layout.</param>
    /// <param name="settings">Constants.</param>
    /// <param name="groups">This step's learning rate and weight decay of each group.</param>
    /// <param name="step">Number of this step, from 1; corrects the moments' bias.</param>
    /// <param name="teacher">Whether the teacher follows in this step, and when.</param>
    /// <param name="teacherMomentum">Weight a of the old teacher.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <exception cref="ArgumentException">A buffer is too short, or they differ in length; nothing has been written.</exception>
    public OptimizerStep Step(OptimizerArenas arenas, OptimizerSettings settings, ReadOnlySpan<GroupSetting> groups,
        long step, TeacherUpdate teacher = TeacherUpdate.None, double teacherMomentum = 0, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        ArenaPointers pointers = new(arenas, _floats, teacher != TeacherUpdate.None);
        double norm = Norms(arenas.Gradients, threads);
        if (!double.IsFinite(norm))
        {
            return new OptimizerStep(norm, Skipped: true);
        }

        AdamW[] rules = new AdamW[groups.Length];
        for (int i = 0; i < rules.Length; i++)
        {
            rules[i] = new AdamW(settings, groups[i], step, teacher, teacherMomentum);
        }

        WorkSplit.Run(threads, _chunks.Length, (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                OptimizerChunk chunk = _chunks[i];
                rules[chunk.Group].Run(pointers, chunk, Scale(settings, norm, chunk.Parameter));
            }
        });
        return new OptimizerStep(norm, Skipped: false);
    }

    /// <summary>Gradient norm over all parameters, and <see cref="ParameterNorms"/>.</summary>
    /// <param name="arena">The gradients, at least as long as the layout.</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <exception cref="ArgumentException">The arena is too short.</exception>
    public double Norms(HostSpan<float> arena, int threads = 0)
    {
        KernelCheck.That(arena.Length >= _floats, "gradient norm", $"the gradients have {arena.Length} floats, the layout {_floats}");
        float* gradients = arena.Pointer(arena.Length, "gradients", "at least the layout's length");
        WorkSplit.Run(threads, _chunks.Length, (from, to) =>
        {
            for (int i = from; i < to; i++)
            {
                _squares[i] = GradientNorm.SumOfSquares(gradients + _chunks[i].Offset, _chunks[i].Length);
            }
        });
        Array.Clear(_norms);
        double total = 0;
        for (int i = 0; i < _chunks.Length; i++)
        {
            _norms[_chunks[i].Parameter] += _squares[i];
            total += _squares[i];
        }

        for (int i = 0; i < _norms.Length; i++)
        {
            _norms[i] = Math.Sqrt(_norms[i]);
        }

        return Math.Sqrt(total);
    }

    private float Scale(OptimizerSettings settings, double norm, int parameter) => settings.Clip switch
    {
        ClipMode.None or ClipMode.ParameterValue => 1,
        ClipMode.FullModel => (float)Math.Min(1, settings.ClipLimit / (norm + 1e-6)),
        ClipMode.ParameterNorm => (float)Math.Min(1, settings.ClipLimit / (_norms[parameter] + 1e-6)),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Clip, "unknown clip mode"),
    };
}
