using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Type of an attention's inputs; outputs and gradients are 32-bit floats.</summary>
internal enum AttentionInput
{
    /// <summary>32-bit floats.</summary>
    Single,

    /// <summary>16-bit floats of IEEE 754.</summary>
    Half,

    /// <summary>The upper halves of 32-bit floats.</summary>
    Brain,
}

/// <summary>What a problem asks of an attention.</summary>
internal enum AttentionPass
{
    /// <summary>The output.</summary>
    Forward,

    /// <summary>Gradients with the same bits in every run.</summary>
    Backward,

    /// <summary>Gradients whose contributions are added as floats, in any order.</summary>
    BackwardAnyOrder,
}

/// <summary>Multi-scale deformable attention, forward or backward.</summary>
internal sealed class MsDeformAttnProblem : KernelProblem
{
    // Sums of 4·L·P products in another order than the twin's: the card's tolerance, and twice that where gradients are rounded to integers first.
    private const double ForwardTolerance = 1e-6;
    private const double BackwardTolerance = 2e-6;
    private readonly MsDeformAttnPlan _plan;
    private readonly int[] _levels;
    private readonly AttentionPass _pass;
    private readonly AttentionInput _type;
    private readonly float[] _value;
    private readonly float[] _locations;
    private readonly float[] _weights;
    private readonly float[] _dOutput;

    private MsDeformAttnProblem(MsDeformAttnPlan plan, int[] levels, AttentionPass pass, AttentionInput type, ulong seed)
        : base($"{(plan.Batch == 1 ? "" : $"{plan.Batch} x ")}{plan.Queries} queries, {plan.Heads} heads of {plan.Width}"
            + $"{(type == AttentionInput.Single ? "" : $", {type}")}{(pass == AttentionPass.BackwardAnyOrder ? ", float atomics" : "")}")
    {
        (_plan, _levels, _pass, _type) = (plan, levels, pass, type);
        long samples = (long)plan.Batch * plan.Queries * plan.Heads * plan.Samples;
        _value = SeededArrays.Uniform(seed, "value", (long)plan.Batch * plan.Tokens * plan.Heads * plan.Width, -1, 1);
        _locations = SeededArrays.Uniform(seed, "locations", 2 * samples, -0.1f, 1.1f);
        _weights = SeededArrays.Uniform(seed, "weights", samples, 0, 1f / plan.Samples);
        _dOutput = SeededArrays.Uniform(seed, "gradient", (long)plan.Batch * plan.Queries * plan.Heads * plan.Width, -1, 1);
        Round(_value);
        Round(_locations);
        Round(_weights);
    }

    private double Queries => (double)_plan.Batch * _plan.Queries;

    public override KernelWork Work
    {
        get
        {
            (double values, double samples, double outputs) = (_value.Length, _weights.Length, _dOutput.Length);
            double size = _type == AttentionInput.Single ? 4 : 2;
            double forward = (size * (values + (3 * samples))) + (4 * outputs);
            double sums = _pass == AttentionPass.BackwardAnyOrder ? 4 : 24;
            double backward = forward + (4 * (values + outputs + (3 * samples))) + (sums * values);
            double taps = 4 * samples * _plan.Width * 2;
            double gathered = 4 * samples * _plan.Width * size;
            return _pass == AttentionPass.Forward
                ? new KernelWork(forward, taps, "query", Queries)
                {
                    AllowedRatio = 1.3 + (gathered / forward),
                    Reason = "four corners of every sample are gathered from the second-level cache; memory sees the values once",
                }
                : new KernelWork(backward, 3 * taps, "query", Queries)
                {
                    // Counted with three samples of ten outside the map, whose gradients are not added.
                    AllowedRatio = _pass == AttentionPass.BackwardAnyOrder ? 11.6 : _type == AttentionInput.Single ? 9.9 : 8.7,
                    Reason = "four corners of every sample are gathered and their gradients added as "
                        + $"{(_pass == AttentionPass.BackwardAnyOrder ? "floats" : "64-bit integers")}, whole sectors, in the second-level cache",
                };
        }
    }

    public static KernelProblem Forward(ProblemSize size, ulong seed) => Make(size, seed, AttentionPass.Forward, AttentionInput.Single);

    public static KernelProblem Backward(ProblemSize size, ulong seed) => Make(size, seed, AttentionPass.Backward, AttentionInput.Single);

    public static KernelProblem BackwardAnyOrder(ProblemSize size, ulong seed) => Make(size, seed, AttentionPass.BackwardAnyOrder, AttentionInput.Single);

    public static KernelProblem HalfForward(ProblemSize size, ulong seed) => Make(size, seed, AttentionPass.Forward, HalfType(seed));

    public static KernelProblem HalfBackward(ProblemSize size, ulong seed) => Make(size, seed, AttentionPass.Backward, HalfType(seed));

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        (MsDeformAttnPlan plan, float[] value, float[] locations, float[] weights, float[] dOutput) = (_plan, _value, _locations, _weights, _dOutput);
        if (_pass == AttentionPass.Forward)
        {
            float[] output = SeededArrays.Room<float>(dOutput.Length);
            WorkSplit.Run(threads, plan.Units, (from, to) => MsDeformAttn.Forward(
                plan, SeededArrays.Host(value), SeededArrays.Host(locations), SeededArrays.Host(weights), SeededArrays.Host(output), from, to));
            return [KernelOutput.Of("output", output, ForwardTolerance)];
        }

        float[][] gradients = [SeededArrays.Room<float>(value.Length), SeededArrays.Room<float>(locations.Length), SeededArrays.Room<float>(weights.Length)];
        WorkSplit.Run(threads, plan.Units, (from, to) => MsDeformAttn.Backward(
            plan, SeededArrays.Host(dOutput), SeededArrays.Host(value), SeededArrays.Host(locations), SeededArrays.Host(weights),
            SeededArrays.Host(gradients[0]), SeededArrays.Host(gradients[1]), SeededArrays.Host(gradients[2]), from, to));
        return
        [
            DValue(KernelOutput.Of("gradient of value", gradients[0], BackwardTolerance)),
            KernelOutput.Of("gradient of locations", gradients[1], BackwardTolerance),
            KernelOutput.Of("gradient of weights", gradients[2], BackwardTolerance),
        ];
    }

    public override KernelRun OnGpu(Gpu gpu) => _type switch
    {
        AttentionInput.Single => OnGpu(gpu, value => value),
        AttentionInput.Half => OnGpu(gpu, value => (Half)value),
        AttentionInput.Brain => OnGpu(gpu, value => (BrainFloat)value),
        _ => throw new ArgumentOutOfRangeException(nameof(gpu), _type, "unknown type of inputs"),
    };

    private static AttentionInput HalfType(ulong seed) => seed % 2 == 0 ? AttentionInput.Brain : AttentionInput.Half;

    private KernelRun OnGpu<T>(Gpu gpu, Func<float, T> narrow)
        where T : unmanaged
    {
        KernelRun run = new(gpu);
        CudaMsDeformAttn attention = run.Own(new CudaMsDeformAttn(gpu.Kernels, gpu.Stream, _plan, _levels));
        DeviceBuffer<T>[] inputs = [.. new[] { _value, _locations, _weights }.Select(values => run.Upload(Array.ConvertAll(values, value => narrow(value))))];
        if (_pass == AttentionPass.Forward)
        {
            DeviceBuffer<float> output = run.Room<float>(_dOutput.Length);
            run.Launch = () => attention.Forward(gpu.Stream, Attention(inputs), output.Span);
            run.Read = () => [run.Output("output", output, ForwardTolerance)];
            return run;
        }

        DeviceBuffer<float> dOutput = run.Upload(_dOutput);
        DeviceBuffer<float>[] gradients = [run.Room<float>(_value.Length), run.Room<float>(_locations.Length), run.Room<float>(_weights.Length)];
        GradientSum sum = _pass == AttentionPass.Backward ? GradientSum.Stable : GradientSum.Atomic;
        DeviceBuffer<long> sums = run.Room<long>(sum == GradientSum.Stable ? _value.Length : 0);
        run.Launch = () => attention.Backward(gpu.Stream, Attention(inputs), dOutput.Span, Gradients(gradients), sums.Span, sum);
        run.Read = () =>
        [
            DValue(run.Output("gradient of value", gradients[0], BackwardTolerance)),
            run.Output("gradient of locations", gradients[1], BackwardTolerance),
            run.Output("gradient of weights", gradients[2], BackwardTolerance),
        ];
        return run;
    }

    private KernelOutput DValue(KernelOutput gradient) => _pass == AttentionPass.BackwardAnyOrder ? new AnyOrder(gradient) : gradient;

    /// <summary>To values that the inputs' type holds, so that twin and GPU see the same.</summary>
    private void Round(float[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _type == AttentionInput.Half ? (float)(Half)values[i] : _type == AttentionInput.Brain ? (float)(BrainFloat)values[i] : values[i];
        }
    }

    private static MsDeformAttnProblem Make(ProblemSize size, ulong seed, AttentionPass pass, AttentionInput type)
    {
        int side = size == ProblemSize.Full ? 96 : 16;
        int[] levels = size == ProblemSize.Small ? [6, 7, 3, 4, 2, 1] : [side / 4, side / 4, side / 2, side / 2, side, side];
        int tokens = Enumerable.Range(0, 3).Sum(level => levels[2 * level] * levels[(2 * level) + 1]);
        MsDeformAttnPlan plan = size == ProblemSize.Small
            ? new MsDeformAttnPlan(levels, 1 + (int)(seed % 2), tokens, 2, new[] { 8, 32, 20, 64, 100 }[seed % 5], 29, 4)
            : new MsDeformAttnPlan(levels, 1, tokens, 8, 32, tokens, 4);
        return new MsDeformAttnProblem(plan, levels, pass, type, seed);
    }

    private static DeviceAttention<T> Attention<T>(DeviceBuffer<T>[] buffers)
        where T : unmanaged
        => new() { Value = buffers[0].Span, Locations = buffers[1].Span, Weights = buffers[2].Span };

    private static DeviceAttention Gradients(DeviceBuffer<float>[] buffers)
        => new() { Value = buffers[0].Span, Locations = buffers[1].Span, Weights = buffers[2].Span };

    /// <summary>Sums of floats that come in another order in every run: their last bits are never compared.</summary>
    private sealed class AnyOrder(KernelOutput values) : KernelOutput(values.Name, values.Tolerance)
    {
        private readonly KernelOutput _values = values;

        public override ReadOnlySpan<byte> Bytes => _values.Bytes;

        public override string? Difference(KernelOutput other, string own, string others, bool bits)
            => _values.Difference(((AnyOrder)other)._values, own, others);
    }
}
