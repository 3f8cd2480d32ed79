using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>The teacher's moving average.</summary>
internal sealed class EmaProblem : KernelProblem
{
    private const double Momentum = 0.999;
    private readonly float[] _teacher;
    private readonly float[] _student;

    private EmaProblem(int length, ulong seed)
        : base($"{length} parameters")
    {
        (_teacher, _student) = (SeededArrays.Uniform(seed, "teacher", length, -1, 1), SeededArrays.Uniform(seed, "student", length, -1, 1));
    }

    public override KernelWork Work => new(12.0 * _teacher.Length, 3.0 * _teacher.Length, "parameter", _teacher.Length)
    {
        Bars = [KernelBar.Bytes("bytes a parameter", 12.0, "ema")],
    };

    public static KernelProblem Make(ProblemSize size, ulong seed) => new EmaProblem(
        size switch
        {
            ProblemSize.Small => 4000 + (int)(seed * 401 % 2003),
            ProblemSize.Counted => 1 << 20,
            _ => 22_700_000,
        },
        seed);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[] teacher = SeededArrays.Copy(_teacher);
        TeacherAverage.Run(SeededArrays.Host(teacher), SeededArrays.Host(_student), Momentum, threads);
        return [KernelOutput.Of("teacher", teacher)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> teacher, DeviceBuffer<float> student) = (run.Upload(_teacher), run.Upload(_student));
        run.Launch = () => TeacherAverage.Run(gpu.Kernels, gpu.Stream, teacher.Span, student.Span, Momentum);
        run.Read = () => [run.Output("teacher", teacher)];
        return run;
    }
}

/// <summary>One step of clipping, AdamW and the teacher's average.</summary>
internal sealed class AdamWProblem : KernelProblem
{
    private const double Momentum = 0.99;
    private const int Step = 3;
    private static readonly GroupSetting[] AllGroups = [new(1e-3, 0.05), new(1e-4, 0)];
    private static readonly string[] Names = ["parameters", "gradients", "first moment", "second moment", "teacher"];
    private readonly (long Offset, long Length, int Group)[] _layout;
    private readonly OptimizerSettings _settings;
    private readonly TeacherUpdate _teacher;
    private readonly float[][] _arenas;

    private AdamWProblem((long Offset, long Length, int Group)[] layout, OptimizerSettings settings, TeacherUpdate teacher, ulong seed)
        : base($"{layout.Sum(tensor => tensor.Length)} parameters{(layout.Length == 1 ? "" : $" in {layout.Length} tensors")}")
    {
        (_layout, _settings, _teacher) = (layout, settings, teacher);
        long floats = layout.Max(tensor => tensor.Offset + tensor.Length);
        _arenas = [.. Names.Select((name, i) => SeededArrays.Uniform(seed, name, floats, i == 3 ? 0 : -0.1f, 0.1f))];
    }

    private double Parameters => _layout.Sum(tensor => tensor.Length);

    private GroupSetting[] Groups => AllGroups[..(1 + _layout.Max(tensor => tensor.Group))];

    public override KernelWork Work => new(40.0 * Parameters, 22.0 * Parameters, "parameter", Parameters)
    {
        Bars =
        [
            // Rows of tables and the norm are 8 sectors a warp, which updates 512 floats.
            KernelBar.Bytes("adamw: bytes a parameter", 36.1, "adamw"),
            KernelBar.Bytes("norm: bytes a parameter", 4.1, "gradient_squares", "gradient_norms"),
        ],
    };

    public static KernelProblem Make(ProblemSize size, ulong seed)
    {
        OptimizerSettings fullModel = new(ClipMode.FullModel, 0.01);
        return size switch
        {
            // A tensor of two chunks, an empty one, and lengths that end inside a vector.
            ProblemSize.Small => new AdamWProblem(
                [(0, 65_536 + 801, 0), (66_340, 0, 1), (66_340, 333, 1), (66_676, 31, 0), (66_708, 5, 1)],
                new OptimizerSettings((ClipMode)(seed % 4), 0.3),
                (TeacherUpdate)((seed + 1) % 3),
                seed),
            ProblemSize.Counted => new AdamWProblem([(0, 1 << 18, 0)], fullModel, TeacherUpdate.AfterStep, seed),
            _ => new AdamWProblem([(0, 22_700_000, 0)], fullModel, TeacherUpdate.AfterStep, seed),
        };
    }

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[][] own = [.. _arenas.Select(SeededArrays.Copy)];
        Optimizer optimizer = new(_layout);
        OptimizerArenas arenas = new(SeededArrays.Host(own[0]), SeededArrays.Host(own[1]),
            SeededArrays.Host(own[2]), SeededArrays.Host(own[3]), SeededArrays.Host(own[4]));
        OptimizerStep step = optimizer.Step(arenas, _settings, Groups, Step, _teacher, Momentum, threads);
        return [.. Names.Select((name, i) => KernelOutput.Of(name, own[i])), KernelOutput.Of("norm", [step.GradientNorm]),
            KernelOutput.Of("norms of parameters", optimizer.ParameterNorms.ToArray())];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        DeviceBuffer<float>[] own = [.. _arenas.Select(run.Upload)];
        CudaOptimizer optimizer = run.Own(new CudaOptimizer(gpu.Kernels, gpu.Stream, _layout));
        run.Launch = () => optimizer.Step(gpu.Stream, Arenas(own), _settings, Groups, Step, _teacher, Momentum);
        run.Read = () =>
        [
            .. Names.Select((name, i) => run.Output(name, own[i])),
            KernelOutput.Of("norm", [optimizer.Result(gpu.Stream).GradientNorm]),
            KernelOutput.Of("norms of parameters", optimizer.ParameterNorms(gpu.Stream)),
        ];
        return run;
    }

    private static DeviceArenas Arenas(DeviceBuffer<float>[] own) => new()
    {
        Parameters = own[0].Span,
        Gradients = own[1].Span,
        FirstMoment = own[2].Span,
        SecondMoment = own[3].Span,
        Teacher = own[4].Span,
    };
}
