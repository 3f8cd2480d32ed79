using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Rows of one width to rows of another.</summary>
internal sealed class RowWidthProblem : KernelProblem
{
    private readonly (int Rows, int From, int To) _shape;
    private readonly float[] _source;

    private RowWidthProblem(int rows, int from, int to, ulong seed)
        : base($"{rows} rows of {from} to {to}")
    {
        (_shape, _source) = ((rows, from, to), SeededArrays.Uniform(seed, "rows", (long)rows * from, -1, 1));
    }

    private int Targets => _shape.Rows * _shape.To;

    public override KernelWork Work => new(4.0 * _shape.Rows * (Math.Min(_shape.From, _shape.To) + _shape.To), Targets, "float", Targets);

    public static KernelProblem Make(ProblemSize size, ulong seed) => size switch
    {
        ProblemSize.Small => new RowWidthProblem(101, 3 + (int)(seed % 9), 8, seed),
        ProblemSize.Counted => new RowWidthProblem(4096, 24, 32, seed),
        _ => new RowWidthProblem(8 * 12_096, 24, 32, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[] target = new float[Targets];
        RowWidth.Run(_source, _shape.From, target, _shape.To);
        return [KernelOutput.Of("rows", target)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> source, DeviceBuffer<float> target) = (run.Upload(_source), run.Room<float>(Targets));
        run.Launch = () => RowWidth.Run(gpu.Kernels, gpu.Stream, source.Span, _shape.From, target.Span, _shape.To);
        run.Read = () => [run.Output("rows", target)];
        return run;
    }
}
