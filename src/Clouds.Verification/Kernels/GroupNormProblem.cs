using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Group normalisation of a feature map, or its gradients.</summary>
internal sealed class GroupNormProblem : KernelProblem
{
    private const float Epsilon = 1e-5f;

    // Single precision, sums in another order.
    private const double Tolerance = 2e-6;
    private readonly GroupNormShape _shape;
    private readonly bool _backward;
    private readonly float[] _x;
    private readonly float[] _dY;
    private readonly float[] _scale;
    private readonly float[] _shift;

    private GroupNormProblem(GroupNormShape shape, bool backward, ulong seed)
        : base($"{shape.Images} images, {shape.Channels} channels in {shape.Groups} groups, {shape.Pixels} pixels")
    {
        (_shape, _backward) = (shape, backward);
        _x = SeededArrays.Uniform(seed, "x", shape.Elements, -1, 3);
        _dY = SeededArrays.Uniform(seed, "gradient", shape.Elements, -1, 1);
        _scale = SeededArrays.Uniform(seed, "scale", shape.Channels, 0, 2);
        _shift = SeededArrays.Uniform(seed, "shift", shape.Channels, -1, 1);
    }

    public override KernelWork Work
    {
        get
        {
            double elements = _shape.Elements;
            return new KernelWork((_backward ? 20 : 12) * elements, (_backward ? 14 : 6) * elements, "element", elements);
        }
    }

    public static KernelProblem Forward(ProblemSize size, ulong seed) => Make(size, seed, backward: false);

    public static KernelProblem Backward(ProblemSize size, ulong seed) => Make(size, seed, backward: true);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        GroupNormShape s = _shape;
        float[] result = SeededArrays.Room<float>(s.Elements);
        if (!_backward)
        {
            WorkSplit.Run(threads, s.Units, (from, to) => GroupNorm.Forward(s, SeededArrays.Host(_x), SeededArrays.Host(_scale),
                SeededArrays.Host(_shift), SeededArrays.Host(result), Epsilon, from, to));
            return [KernelOutput.Of("y", result, Tolerance)];
        }

        float[] planes = SeededArrays.Room<float>(s.PlaneFloats);
        (float[] dScale, float[] dShift) = (SeededArrays.Room<float>(s.Channels), SeededArrays.Room<float>(s.Channels));
        WorkSplit.Run(threads, s.Units, (from, to) => GroupNorm.Backward(s, SeededArrays.Host(_dY), SeededArrays.Host(_x), SeededArrays.Host(_scale),
            SeededArrays.Host(result), SeededArrays.Host(planes), Epsilon, from, to));
        GroupNorm.SumPlanes(s, SeededArrays.Host(planes), SeededArrays.Host(dScale), SeededArrays.Host(dShift));
        return
        [
            KernelOutput.Of("gradient of x", result, Tolerance), KernelOutput.Of("gradient of the scale", dScale, Tolerance),
            KernelOutput.Of("gradient of the shift", dShift, Tolerance),
        ];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> x, DeviceBuffer<float> scale) = (run.Upload(_x), run.Upload(_scale));
        DeviceBuffer<float> result = run.Room<float>(_shape.Elements);
        if (_backward)
        {
            (DeviceBuffer<float> dY, DeviceBuffer<float> scratch) = (run.Upload(_dY), run.Room<float>(CudaGroupNorm.BackwardFloats(_shape)));
            (DeviceBuffer<float> dScale, DeviceBuffer<float> dShift) = (run.Room<float>(_shape.Channels), run.Room<float>(_shape.Channels));
            run.Launch = () => CudaGroupNorm.Backward(gpu.Kernels, gpu.Stream, _shape, dY.Span, x.Span, scale.Span,
                new DeviceNormGradients { X = result.Span, Scale = dScale.Span, Shift = dShift.Span }, scratch.Span, Epsilon);
            run.Read = () =>
                [run.Output("gradient of x", result), run.Output("gradient of the scale", dScale), run.Output("gradient of the shift", dShift)];
        }
        else
        {
            (DeviceBuffer<float> shift, DeviceBuffer<float> scratch) = (run.Upload(_shift), run.Room<float>(CudaGroupNorm.ForwardFloats(_shape)));
            run.Launch = () =>
                CudaGroupNorm.Forward(gpu.Kernels, gpu.Stream, _shape, x.Span, scale.Span, shift.Span, result.Span, scratch.Span, Epsilon);
            run.Read = () => [run.Output("y", result)];
        }

        return run;
    }

    private static GroupNormProblem Make(ProblemSize size, ulong seed, bool backward) => new(
        size switch
        {
            ProblemSize.Small => new GroupNormShape(2, 12, 1 << (int)(seed % 3), 1 + (int)(seed * 1237 % 9000)),
            ProblemSize.Counted => new GroupNormShape(1, 32, 4, 96 * 96),
            _ => new GroupNormShape(1, 256, 32, 192 * 192),
        },
        backward,
        seed);
}
