using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.KernelVerification;

/// <summary>Multi-scale deformable attention, forward or backward.</summary>
internal sealed unsafe class MsDeformAttnProblem : KernelProblem
{
    // Sums of 4·L·P products in another order than the twin's: the card's tolerance, and twice that where gradients are rounded to integers first.
    private const double ForwardTolerance = 1e-6;
    private const double BackwardTolerance = 2e-6;
    private readonly MsDeformAttnPlan _plan;
    private readonly int[] _levels;
    private readonly bool _backward;
    private readonly float[] _value;
    private readonly float[] _locations;
    private readonly float[] _weights;
    private readonly float[] _dOutput;

    private MsDeformAttnProblem(MsDeformAttnPlan plan, int[] levels, bool backward, ulong seed)
        : base($"{(plan.Batch == 1 ? "" : $"{plan.Batch} x ")}{plan.Queries} queries, {plan.Heads} heads of {plan.Width}")
    {
        (_plan, _levels, _backward) = (plan, levels, backward);
        long samples = (long)plan.Batch * plan.Queries * plan.Heads * plan.Samples;
        _value = SeededArrays.Uniform(seed, "value", (long)plan.Batch * plan.Tokens * plan.Heads * plan.Width, -1, 1);
        _locations = SeededArrays.Uniform(seed, "locations", 2 * samples, -0.1f, 1.1f);
        _weights = SeededArrays.Uniform(seed, "weights", samples, 0, 1f / plan.Samples);
        _dOutput = SeededArrays.Uniform(seed, "gradient", (long)plan.Batch * plan.Queries * plan.Heads * plan.Width, -1, 1);
    }

    private double Queries => (double)_plan.Batch * _plan.Queries;

    public override KernelWork Work
    {
        get
        {
            (double values, double samples, double outputs) = (_value.Length, _weights.Length, _dOutput.Length);
            double forward = 4 * (values + outputs + (3 * samples));
            double taps = 4 * samples * _plan.Width * 2;
            double gathered = Queries * _plan.Heads * 16.0 * _plan.Width * _plan.Samples;
            return _backward
                ? new KernelWork((2 * forward) + (24 * values), 3 * taps, "query", Queries)
                {
                    AllowedRatio = 1.3 + (6.3 * gathered / ((2 * forward) + (24 * values))),
                    Reason = "four corners of every sample are gathered and their gradients added as 64-bit integers, eight bytes of a sector at a time, in the second-level cache",
                }
                : new KernelWork(forward, taps, "query", Queries)
                {
                    AllowedRatio = 1.3 + (gathered / forward),
                    Reason = "four corners of every sample are gathered from the second-level cache; memory sees the values once",
                };
        }
    }

    public static KernelProblem Forward(ProblemSize size, ulong seed) => Make(size, seed, backward: false);

    public static KernelProblem Backward(ProblemSize size, ulong seed) => Make(size, seed, backward: true);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        (MsDeformAttnPlan plan, float[] value, float[] locations, float[] weights, float[] dOutput) = (_plan, _value, _locations, _weights, _dOutput);
        if (!_backward)
        {
            float[] output = SeededArrays.Room<float>(dOutput.Length);
            WorkSplit.Run(threads, plan.Units, (from, to) => MsDeformAttn.Forward(
                plan, SeededArrays.Address(value), SeededArrays.Address(locations), SeededArrays.Address(weights), SeededArrays.Address(output), from, to));
            return [KernelOutput.Of("output", output, ForwardTolerance)];
        }

        float[][] gradients = [SeededArrays.Room<float>(value.Length), SeededArrays.Room<float>(locations.Length), SeededArrays.Room<float>(weights.Length)];
        WorkSplit.Run(threads, plan.Units, (from, to) => MsDeformAttn.Backward(
            plan, SeededArrays.Address(dOutput), SeededArrays.Address(value), SeededArrays.Address(locations), SeededArrays.Address(weights), SeededArrays.Address(gradients[0]), SeededArrays.Address(gradients[1]), SeededArrays.Address(gradients[2]), from, to));
        return
        [
            KernelOutput.Of("gradient of value", gradients[0], BackwardTolerance),
            KernelOutput.Of("gradient of locations", gradients[1], BackwardTolerance),
            KernelOutput.Of("gradient of weights", gradients[2], BackwardTolerance),
        ];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        CudaMsDeformAttn attention = run.Own(new CudaMsDeformAttn(gpu.Kernels, gpu.Stream, _plan, _levels));
        DeviceBuffer<float>[] inputs = [run.Upload(_value), run.Upload(_locations), run.Upload(_weights)];
        if (!_backward)
        {
            DeviceBuffer<float> output = run.Room<float>(_dOutput.Length);
            run.Launch = () => attention.Forward(gpu.Stream, Attention(inputs), output.Span);
            run.Read = () => [run.Output("output", output, ForwardTolerance)];
            return run;
        }

        DeviceBuffer<float> dOutput = run.Upload(_dOutput);
        DeviceBuffer<float>[] gradients = [run.Room<float>(_value.Length), run.Room<float>(_locations.Length), run.Room<float>(_weights.Length)];
        DeviceBuffer<long> sums = run.Room<long>(_value.Length);
        run.Launch = () => attention.Backward(gpu.Stream, Attention(inputs), dOutput.Span, Attention(gradients), sums.Span);
        run.Read = () =>
        [
            run.Output("gradient of value", gradients[0], BackwardTolerance),
            run.Output("gradient of locations", gradients[1], BackwardTolerance),
            run.Output("gradient of weights", gradients[2], BackwardTolerance),
        ];
        return run;
    }

    private static MsDeformAttnProblem Make(ProblemSize size, ulong seed, bool backward)
    {
        int side = size == ProblemSize.Full ? 96 : 16;
        int[] levels = size == ProblemSize.Small ? [6, 7, 3, 4, 2, 1] : [side / 4, side / 4, side / 2, side / 2, side, side];
        int tokens = Enumerable.Range(0, 3).Sum(level => levels[2 * level] * levels[(2 * level) + 1]);
        MsDeformAttnPlan plan = size == ProblemSize.Small
            ? new MsDeformAttnPlan(levels, 1 + (int)(seed % 2), tokens, 2, 8 << (int)(seed % 4), 29, 4)
            : new MsDeformAttnPlan(levels, 1, tokens, 8, 32, tokens, 4);
        return new MsDeformAttnProblem(plan, levels, backward, seed);
    }

    private static DeviceAttention Attention(DeviceBuffer<float>[] buffers) => new() { Value = buffers[0].Span, Locations = buffers[1].Span, Weights = buffers[2].Span };
}
