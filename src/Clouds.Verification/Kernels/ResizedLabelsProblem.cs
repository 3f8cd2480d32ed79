using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>
/// Mask logits to labels of another size than the network's: the processor at once, a GPU from the crop's scores, which are
/// made once.
/// </summary>
internal sealed class ResizedLabelsProblem : KernelProblem
{
    private readonly SemanticShape _shape;
    private readonly ResizedShape _resized;
    private readonly bool _scores;
    private readonly float[] _probabilities;
    private readonly float[] _masks;

    private ResizedLabelsProblem(SemanticShape shape, int height, int width, bool scores, ulong seed)
        : base($"{shape.Classes} classes {shape.CropHeight}x{shape.CropWidth} to {height}x{width}{(scores ? " with scores" : "")}")
    {
        (_shape, _scores) = (shape, scores);
        _resized = new ResizedShape(shape.Classes, shape.CropHeight, shape.CropWidth, height, width);
        _probabilities = SeededArrays.Uniform(seed, "probabilities", (long)shape.Queries * shape.Classes, 0, 0.1f);
        _masks = SeededArrays.Uniform(seed, "mask logits", (long)shape.Queries * shape.MaskHeight * shape.MaskWidth, -20, 20);
    }

    private int Pixels => _resized.Height * _resized.Width;

    private int Scores => _scores ? _shape.Classes * Pixels : 0;

    private long CropScores => (long)_shape.Classes * _shape.CropHeight * _shape.CropWidth;

    public override KernelWork Work => new((4.0 * CropScores) + (2.0 * Pixels) + (4.0 * Scores), 8.0 * _shape.Classes * Pixels, "pixel", Pixels);

    public static KernelProblem Make(ProblemSize size, ulong seed) => size switch
    {
        ProblemSize.Small => new ResizedLabelsProblem(
            new SemanticShape(5, 3 + (int)(seed % 5), 6, 9, 24, 36, 21, 33), 13 + (int)(seed % 31), 140, scores: seed % 2 == 0, seed),
        ProblemSize.Counted => new ResizedLabelsProblem(new SemanticShape(2, 19, 32, 64, 128, 256, 128, 256), 64, 512, scores: false, seed),
        _ => new ResizedLabelsProblem(new SemanticShape(100, 19, 256, 512, 1024, 2048, 1024, 2048), 720, 1440, scores: false, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        ushort[] labels = new ushort[Pixels];
        float[] scores = new float[Scores];
        SemanticInference.RunResized(_shape, _probabilities, _masks, _resized.Height, _resized.Width, labels, scores, threads);
        return [KernelOutput.Of("labels", labels), KernelOutput.Of("scores", scores)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        CudaSemanticInference inference = run.Own(new CudaSemanticInference(gpu.Kernels, gpu.Stream, _shape));
        CudaResizedLabels resized = run.Own(new CudaResizedLabels(gpu.Kernels, gpu.Stream, _resized));
        (DeviceBuffer<float> probabilities, DeviceBuffer<float> masks) = (run.Upload(_probabilities), run.Upload(_masks));
        (DeviceBuffer<ushort> cropLabels, DeviceBuffer<float> cropScores) =
            (run.Room<ushort>(_shape.CropHeight * _shape.CropWidth), run.Room<float>(CropScores));
        (DeviceBuffer<ushort> labels, DeviceBuffer<float> scores) = (run.Room<ushort>(Pixels), run.Room<float>(Scores));
        inference.Run(gpu.Stream, probabilities.Span, masks.Span, cropLabels.Span, cropScores.Span);
        run.Launch = () => resized.Run(gpu.Stream, cropScores.Span, labels.Span, scores.Span);
        run.Read = () => [run.Output("labels", labels), run.Output("scores", scores)];
        return run;
    }
}
