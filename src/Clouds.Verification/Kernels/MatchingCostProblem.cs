using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>What matching each query with each target costs.</summary>
internal sealed class MatchingCostProblem : KernelProblem
{
    private static readonly MatchingWeights Weights = new(2, 5, 5);
    private readonly MatchingShape _shape;
    private readonly float[] _classLogits;
    private readonly float[] _maskLogits;
    private readonly long[] _labels;
    private readonly byte[] _masks;
    private readonly float[] _valid;
    private readonly float[] _points;

    private MatchingCostProblem(MatchingShape shape, int padding, bool byCell, ulong seed)
        : base($"{shape.Queries} queries, {shape.Targets} targets, {shape.Points} points{(byCell ? " by cell" : "")}")
    {
        _shape = shape;
        long targets = (long)shape.Images * shape.Targets;
        _classLogits = SeededArrays.Uniform(seed, "class logits", (long)shape.Images * shape.Queries * shape.Classes, -3, 3);
        _maskLogits = SeededArrays.Uniform(seed, "mask logits", (long)shape.Images * shape.Queries * shape.Height * shape.Width, -6, 6);
        _points = SeededArrays.Uniform(seed, "points", 2L * shape.Images * shape.Points, 0, 1);
        if (byCell)
        {
            SeededArrays.ByCell(_points, shape.Images, shape.Height, shape.Width);
        }

        _labels = SeededArrays.Room<long>(targets);
        _valid = SeededArrays.Room<float>(targets);
        _masks = SeededArrays.Room<byte>(targets * shape.MaskHeight * shape.MaskWidth);
        for (int i = 0; i < targets; i++)
        {
            (_labels[i], _valid[i]) = (i * 7 % shape.Classes, i % shape.Targets < shape.Targets - padding ? 1 : 0);
        }

        for (int i = 0; i < _masks.Length; i++)
        {
            // Stripes of another width for each target.
            (int target, int pixel) = Math.DivRem(i, shape.MaskHeight * shape.MaskWidth);
            _masks[i] = (byte)(pixel % shape.MaskWidth / (1 + (target % 9)) % 2);
        }
    }

    public override KernelWork Work
    {
        get
        {
            MatchingShape s = _shape;
            double planes = (s.Queries * Math.Min(4.0 * s.Height * s.Width, 128.0 * s.Points))
                + (s.Targets * Math.Min(1.0 * s.MaskHeight * s.MaskWidth, 128.0 * s.Points));
            double sums = 8.0 * s.Chunks * ((s.Queries * ((2.0 * s.Targets) + 2)) + s.Targets);
            double samples = (double)s.Images * s.Queries * s.Points;
            return new KernelWork((s.Images * (planes + (8.0 * s.Points) + sums)) + (4.0 * s.Costs), samples * (50 + (4 * s.Targets)), "sample", samples)
            {
                AllowedRatio = 5.5,
                Reason = "a point's four taps lie in sectors of 32 bytes that neighbouring points share through the caches, which the count does not see",
            };
        }
    }

    public static KernelProblem Make(ProblemSize size, ulong seed) => size switch
    {
        ProblemSize.Small => new MatchingCostProblem(new MatchingShape(2, 5 + (int)(seed % 5 * 2), 3 + (int)(seed % 3 * 10),
            6, 12, 10, 24, 20, 200 + (int)(seed * 41 % 200)), (int)(seed % 3), byCell: false, seed),
        ProblemSize.Counted => new MatchingCostProblem(new MatchingShape(1, 40, 19, 20, 48, 48, 96, 96, 2048), 0, byCell: true, seed),
        _ => new MatchingCostProblem(new MatchingShape(1, 100, 19, 20, 192, 192, 768, 768, 12_544), 0, byCell: true, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[] samples = SeededArrays.Room<float>(MatchingCost.SampleFloats(_shape));
        float[] cost = SeededArrays.Room<float>(_shape.Costs);
        WorkSplit.Run(
            threads, _shape.Images * _shape.Targets, (from, to) => MatchingCost.SampleTargets(_shape, Inputs(), SeededArrays.Host(samples), from, to));
        WorkSplit.Run(threads, _shape.Images * _shape.Queries,
            (from, to) => MatchingCost.Run(_shape, Weights, Inputs(), SeededArrays.Host(samples), SeededArrays.Host(cost), from, to));
        return [KernelOutput.Of("cost", cost)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> classLogits, DeviceBuffer<float> maskLogits, DeviceBuffer<long> labels) =
            (run.Upload(_classLogits), run.Upload(_maskLogits), run.Upload(_labels));
        (DeviceBuffer<byte> masks, DeviceBuffer<float> valid, DeviceBuffer<float> points) = (run.Upload(_masks), run.Upload(_valid), run.Upload(_points));
        (DeviceBuffer<float> scratch, DeviceBuffer<float> cost) = (run.Room<float>(CudaMatchingCost.ScratchFloats(_shape)), run.Room<float>(_shape.Costs));
        run.Launch = () =>
        {
            DeviceMatching inputs = new()
            {
                ClassLogits = classLogits.Span,
                MaskLogits = maskLogits.Span,
                Labels = labels.Span,
                Masks = masks.Span,
                Valid = valid.Span,
                Points = points.Span,
            };
            CudaMatchingCost.Run(gpu.Kernels, gpu.Stream, _shape, Weights, inputs, scratch.Span, cost.Span);
        };
        run.Read = () => [run.Output("cost", cost)];
        return run;
    }

    private MatchingInputs Inputs() => new()
    {
        ClassLogits = SeededArrays.Host(_classLogits),
        MaskLogits = SeededArrays.Host(_maskLogits),
        Labels = SeededArrays.Host(_labels),
        Masks = SeededArrays.Host(_masks),
        Valid = SeededArrays.Host(_valid),
        Points = SeededArrays.Host(_points),
    };
}
