using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Samples of planes at points, or the gradient of the planes.</summary>
internal sealed class PointSampleProblem : KernelProblem
{
    private readonly PointSampleShape _shape;
    private readonly bool _backward;
    private readonly float[] _input;
    private readonly float[] _points;
    private readonly float[] _dOutput;

    private PointSampleProblem(PointSampleShape shape, bool backward, bool byCell, ulong seed)
        : base($"{shape.Points} points{(byCell ? " by cell" : "")} of {shape.Images * shape.Channels} masks {shape.Height}x{shape.Width}")
    {
        (_shape, _backward) = (shape, backward);
        _input = SeededArrays.Uniform(seed, "planes", shape.Inputs, -6, 6);
        _points = SeededArrays.Uniform(seed, "points", 2L * shape.Images * shape.Points, -0.05f, 1.05f);
        if (byCell)
        {
            SeededArrays.ByCell(_points, shape.Images, shape.Height, shape.Width);
        }

        _dOutput = SeededArrays.Uniform(seed, "gradient", shape.Outputs, -1, 1);
    }

    public override KernelWork Work
    {
        get
        {
            (double inputs, double samples, double points) = (_shape.Inputs, _shape.Outputs, (double)_shape.Images * _shape.Points);
            double touched = Math.Min(4.0 * _shape.Height * _shape.Width, 128.0 * _shape.Points) * _shape.Images * _shape.Channels;
            return _backward
                ? new KernelWork((4 * inputs) + (4 * samples) + (8 * points), 8 * samples, "pixel", inputs)
                {
                    AllowedRatio = 10,
                    AllowedMemoryRatio = 1.45,
                    Reason = "every pixel looks up the four cells around it and gathers scattered points from the second-level cache",
                }
                : new KernelWork(touched + (4 * samples) + (8 * points), 8 * samples, "sample", samples)
                {
                    AllowedRatio = 3.6,
                    Reason = "a point's four taps lie in sectors of 32 bytes that neighbouring points share through the caches, which the count does not see",
                };
        }
    }

    public static KernelProblem Forward(ProblemSize size, ulong seed) => Make(size, seed, backward: false);

    public static KernelProblem Backward(ProblemSize size, ulong seed) => Make(size, seed, backward: true);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        (PointSampleShape s, float[] input, float[] points, float[] dOutput) = (_shape, _input, _points, _dOutput);
        float[] result = SeededArrays.Room<float>(_backward ? input.Length : dOutput.Length);
        Action<int, int> body = _backward
            ? (from, to) => PointSample.Backward(s, SeededArrays.Host(dOutput), SeededArrays.Host(points), SeededArrays.Host(result), from, to)
            : (from, to) => PointSample.Forward(s, SeededArrays.Host(input), SeededArrays.Host(points), SeededArrays.Host(result), from, to);
        WorkSplit.Run(threads, s.Planes, body);
        return [KernelOutput.Of(_backward ? "gradient" : "samples", result)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        DeviceBuffer<float> points = run.Upload(_points);
        if (_backward)
        {
            (DeviceBuffer<float> dOutput, DeviceBuffer<float> gradient) = (run.Upload(_dOutput), run.Room<float>(_shape.Inputs));
            (DeviceBuffer<uint> first, DeviceBuffer<uint> order) =
                (run.Room<uint>(_shape.Images * (_shape.Cells + 1)), run.Room<uint>((long)_shape.Images * _shape.Points));
            run.Launch = () => CudaPointSample.Backward(gpu.Kernels, gpu.Stream, _shape, dOutput.Span, points.Span, gradient.Span, first.Span, order.Span);
            run.Read = () => [run.Output("gradient", gradient)];
        }
        else
        {
            (DeviceBuffer<float> input, DeviceBuffer<float> samples) = (run.Upload(_input), run.Room<float>(_shape.Outputs));
            run.Launch = () => CudaPointSample.Forward(gpu.Kernels, gpu.Stream, _shape, input.Span, points.Span, samples.Span);
            run.Read = () => [run.Output("samples", samples)];
        }

        return run;
    }

    private static PointSampleProblem Make(ProblemSize size, ulong seed, bool backward) => new(
        size switch
        {
            ProblemSize.Small => new PointSampleShape(2, 3 + (int)(seed % 3 * 4), 17, 23 + (int)(seed % 5), 300),
            ProblemSize.Counted => new PointSampleShape(1, 20, 48, 48, 1000),
            _ => new PointSampleShape(1, 100, 192, 192, 12_544),
        },
        backward,
        byCell: size != ProblemSize.Small && !backward,
        seed);
}

/// <summary>The candidates a mask is least sure of.</summary>
internal sealed class UncertainPointsProblem : KernelProblem
{
    private readonly (int Rows, int Count, int Keep) _shape;
    private readonly float[] _logits;
    private readonly float[] _candidates;

    private UncertainPointsProblem(int rows, int count, int keep, ulong seed)
        : base($"{keep} of {count} points, {rows} masks")
    {
        _shape = (rows, count, keep);
        _candidates = SeededArrays.Uniform(seed, "candidates", 2L * rows * count, 0, 1);
        _logits = SeededArrays.Uniform(seed, "logits", (long)rows * count, -6, 6);

        // Ties on both sides of zero.
        for (int i = 0; i < _logits.Length; i += 7)
        {
            _logits[i] = i % 2 == 0 ? 1.5f : -1.5f;
        }
    }

    public override KernelWork Work
    {
        get
        {
            (double rows, double count, double keep) = (_shape.Rows, _shape.Count, _shape.Keep);
            return new KernelWork(rows * ((4 * count) + (16 * keep)), 2 * rows * count, "candidate", rows * count)
            {
                AllowedRatio = 3.4,
                AllowedMemoryRatio = 1.5,
                Reason = "the logits are read four times, three of them from the second-level cache, and sectors of candidates "
                    + "hold neighbours that are not kept",
            };
        }
    }

    public static KernelProblem Make(ProblemSize size, ulong seed) => size switch
    {
        ProblemSize.Small => new UncertainPointsProblem(3, 1000 + (int)(seed * 37 % 500), 250 + (int)(seed % 3), seed),
        ProblemSize.Counted => new UncertainPointsProblem(6, 12_000, 3000, seed),
        _ => new UncertainPointsProblem(100, 37_632, 9408, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[] points = SeededArrays.Room<float>(2L * _shape.Rows * _shape.Keep);
        WorkSplit.Run(threads, _shape.Rows, (from, to) =>
            UncertainPoints.Run(
                SeededArrays.Host(_logits), SeededArrays.Host(_candidates), SeededArrays.Host(points), _shape.Rows, _shape.Count, _shape.Keep, from, to));
        return [KernelOutput.Of("points", points)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> logits, DeviceBuffer<float> candidates) = (run.Upload(_logits), run.Upload(_candidates));
        DeviceBuffer<float> points = run.Room<float>(2L * _shape.Rows * _shape.Keep);
        run.Launch = () => CudaUncertainPoints.Run(gpu.Kernels, gpu.Stream, logits.Span, candidates.Span, points.Span, _shape.Rows, _shape.Count, _shape.Keep);
        run.Read = () => [run.Output("points", points)];
        return run;
    }
}
