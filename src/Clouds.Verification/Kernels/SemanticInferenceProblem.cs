using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Mask logits to a label map.</summary>
internal sealed class SemanticInferenceProblem : KernelProblem
{
    private readonly SemanticShape _shape;
    private readonly bool _scores;
    private readonly float[] _probabilities;
    private readonly float[] _masks;

    private SemanticInferenceProblem(SemanticShape shape, bool scores, ulong seed)
        : base($"{shape.Queries} masks {shape.MaskHeight}x{shape.MaskWidth} to {shape.CropHeight}x{shape.CropWidth}, "
            + $"{shape.Classes} classes{(scores ? " with scores" : "")}")
    {
        (_shape, _scores) = (shape, scores);
        _probabilities = SeededArrays.Uniform(seed, "probabilities", (long)shape.Queries * shape.Classes, 0, 0.1f);
        _masks = SeededArrays.Uniform(seed, "mask logits", (long)shape.Queries * shape.MaskHeight * shape.MaskWidth, -20, 20);
    }

    private int Pixels => _shape.CropHeight * _shape.CropWidth;

    private int Scores => _scores ? _shape.Classes * Pixels : 0;

    public override KernelWork Work => new(
        (4.0 * _masks.Length) + (2.0 * Pixels) + (4.0 * Scores),
        (double)Pixels * _shape.Queries * ((2 * _shape.Classes) + 20),
        "pixel",
        Pixels)
    {
        AllowedRatio = 37,
        Reason = "neighbouring pixels share their four taps in the first-level cache, which the count of sectors does not see; arithmetic bounds this kernel",
    };

    public static KernelProblem Make(ProblemSize size, ulong seed) => size switch
    {
        ProblemSize.Small => new SemanticInferenceProblem(new SemanticShape(7, 3 + (int)(seed % 3 * 10), 6, 9, 24, 36, 21, 33), scores: seed % 2 == 0, seed),
        ProblemSize.Counted => new SemanticInferenceProblem(new SemanticShape(50, 19, 24, 24, 96, 96, 96, 96), scores: false, seed),
        _ => new SemanticInferenceProblem(new SemanticShape(100, 19, 192, 192, 768, 768, 768, 768), scores: false, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        ushort[] labels = new ushort[Pixels];
        float[] scores = new float[Scores];
        SemanticInference.Run(_shape, _probabilities, _masks, labels, scores, threads);
        return [KernelOutput.Of("labels", labels), KernelOutput.Of("scores", scores)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        CudaSemanticInference inference = run.Own(new CudaSemanticInference(gpu.Kernels, gpu.Stream, _shape));
        (DeviceBuffer<float> probabilities, DeviceBuffer<float> masks) = (run.Upload(_probabilities), run.Upload(_masks));
        (DeviceBuffer<ushort> labels, DeviceBuffer<float> scores) = (run.Room<ushort>(Pixels), run.Room<float>(Scores));
        run.Launch = () => inference.Run(gpu.Stream, probabilities.Span, masks.Span, labels.Span, scores.Span);
        run.Read = () => [run.Output("labels", labels), run.Output("scores", scores)];
        return run;
    }
}
