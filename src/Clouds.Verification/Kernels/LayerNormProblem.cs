using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Gradients of a layer normalisation.</summary>
internal sealed class LayerNormProblem : KernelProblem
{
    private const float Epsilon = 1e-5f;
    private readonly LayerNormShape _shape;
    private readonly float[] _dY;
    private readonly float[] _x;
    private readonly float[] _scale;

    private LayerNormProblem(LayerNormShape shape, ulong seed)
        : base($"{shape.Rows} rows of {shape.Width}")
    {
        _shape = shape;
        _dY = SeededArrays.Uniform(seed, "gradient", shape.Elements, -1, 1);
        _x = SeededArrays.Uniform(seed, "x", shape.Elements, -1, 3);
        _scale = SeededArrays.Uniform(seed, "scale", shape.Width, 0, 2);
    }

    public override KernelWork Work
    {
        get
        {
            double elements = _shape.Elements;
            return new KernelWork((12 * elements) + (12.0 * _shape.Width), 20 * elements, "element", elements);
        }
    }

    public static KernelProblem Backward(ProblemSize size, ulong seed) => new LayerNormProblem(
        size switch
        {
            ProblemSize.Small => new LayerNormShape(100 + (int)(seed * 29 % 200), 1 + (int)(seed * 41 % 300)),
            ProblemSize.Counted => new LayerNormShape(1024, 256),
            _ => new LayerNormShape(12_096, 256),
        },
        seed);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        LayerNormShape s = _shape;
        (float[] dX, float[] partials) = (SeededArrays.Room<float>(s.Elements), SeededArrays.Room<float>(s.PartialFloats));
        (float[] dScale, float[] dShift) = (SeededArrays.Room<float>(s.Width), SeededArrays.Room<float>(s.Width));
        WorkSplit.Run(threads, s.Chunks, (from, to) => LayerNorm.Backward(s, SeededArrays.Host(_dY), SeededArrays.Host(_x), SeededArrays.Host(_scale),
            SeededArrays.Host(dX), SeededArrays.Host(partials), Epsilon, from, to));
        LayerNorm.SumPartials(s, SeededArrays.Host(partials), SeededArrays.Host(dScale), SeededArrays.Host(dShift));
        return [KernelOutput.Of("gradient of x", dX), KernelOutput.Of("gradient of the scale", dScale), KernelOutput.Of("gradient of the shift", dShift)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> dY, DeviceBuffer<float> x, DeviceBuffer<float> scale) = (run.Upload(_dY), run.Upload(_x), run.Upload(_scale));
        (DeviceBuffer<float> dX, DeviceBuffer<float> partials) = (run.Room<float>(_shape.Elements), run.Room<float>(_shape.PartialFloats));
        (DeviceBuffer<float> dScale, DeviceBuffer<float> dShift) = (run.Room<float>(_shape.Width), run.Room<float>(_shape.Width));
        run.Launch = () => CudaLayerNorm.Backward(
            gpu.Kernels, gpu.Stream, _shape, dY.Span, x.Span, scale.Span,
            new DeviceNormGradients { X = dX.Span, Scale = dScale.Span, Shift = dShift.Span }, partials.Span, Epsilon);
        run.Read = () =>
            [run.Output("gradient of x", dX), run.Output("gradient of the scale", dScale), run.Output("gradient of the shift", dShift)];
        return run;
    }
}
