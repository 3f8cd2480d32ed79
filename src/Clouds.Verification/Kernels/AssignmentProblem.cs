using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Queries and targets to be matched, with ties, costs that are not finite, and padding between the targets.</summary>
internal sealed class AssignmentProblem : KernelProblem
{
    private readonly AssignmentShape _shape;
    private readonly float[] _cost;
    private readonly float[] _valid;

    private AssignmentProblem(AssignmentShape shape, ulong seed)
        : base($"{shape.Batch} images, {shape.Queries} queries, {shape.Targets} targets")
    {
        _shape = shape;
        _cost = SeededArrays.Uniform(seed, "cost", shape.Costs, -4, 4);
        _valid = SeededArrays.Uniform(seed, "valid", shape.Slots, 0.4f, 1);

        // Half of the costs are one of 64 values, so that paths tie.
        for (int i = 0; i < _cost.Length; i++)
        {
            _cost[i] = (i % 101) switch { 7 => float.NaN, 50 => float.PositiveInfinity, < 50 => MathF.Round(8 * _cost[i]) / 8, _ => _cost[i] };
        }
    }

    public override KernelWork Work
    {
        get
        {
            double costs = _shape.Costs;
            return new KernelWork((4 * costs) + (24.0 * _shape.Slots), costs * Math.Min(_shape.Queries, _shape.Targets), "cost", costs);
        }
    }

    public static KernelProblem Make(ProblemSize size, ulong seed) => new AssignmentProblem(
        size switch
        {
            ProblemSize.Small => new AssignmentShape(3, 1 + (int)(seed * 37 % 120), 1 + (int)(seed * 11 % 40)),
            ProblemSize.Counted => new AssignmentShape(4, 100, 19),
            _ => new AssignmentShape(16, 100, 19),
        },
        seed);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        (long[] queries, long[] targets) = (SeededArrays.Room<long>(_shape.Slots), SeededArrays.Room<long>(_shape.Slots));
        float[] matched = SeededArrays.Room<float>(_shape.Slots);
        WorkSplit.Run(threads, _shape.Batch, (from, to) => Assignment.Run(
            _shape, SeededArrays.Host(_cost), SeededArrays.Host(_valid), SeededArrays.Host(queries), SeededArrays.Host(targets),
            SeededArrays.Host(matched), from, to));
        return [KernelOutput.Of("queries", queries), KernelOutput.Of("targets", targets), KernelOutput.Of("matched", matched)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> cost, DeviceBuffer<float> valid) = (run.Upload(_cost), run.Upload(_valid));
        (DeviceBuffer<long> queries, DeviceBuffer<long> targets) = (run.Room<long>(_shape.Slots), run.Room<long>(_shape.Slots));
        DeviceBuffer<float> matched = run.Room<float>(_shape.Slots);
        run.Launch = () =>
            CudaAssignment.Run(gpu.Kernels, gpu.Stream, _shape, cost.Span, valid.Span, queries.Span, targets.Span, matched.Span);
        run.Read = () => [run.Output("queries", queries), run.Output("targets", targets), run.Output("matched", matched)];
        return run;
    }
}
