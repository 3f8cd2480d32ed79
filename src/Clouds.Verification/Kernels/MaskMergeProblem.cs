using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Masks of Segment Anything to one label map.</summary>
internal sealed class MaskMergeProblem : KernelProblem
{
    private readonly MaskGeometry _geometry;
    private readonly float[] _logits;
    private readonly float[] _predicted;
    private readonly byte[] _classes;
    private readonly int _planes;
    private readonly MaskOverlap _overlap;
    private readonly bool _noted;
    private readonly bool _half;

    private MaskMergeProblem(MaskGeometry geometry, int masks, int planes, bool half, ulong seed)
        : base($"{masks}{(half ? " half" : "")} masks {geometry.MaskHeight}x{geometry.MaskWidth} to {geometry.OutputHeight}x{geometry.OutputWidth}")
    {
        (_geometry, _planes, _noted, _half) = (geometry, planes, geometry.OutputHeight < 100, half);
        _overlap = _noted ? (MaskOverlap)(seed % 3) : MaskOverlap.Any;
        _logits = Discs(geometry, masks, seed);
        if (half)
        {
            // To values that both types hold, so that the twin sees what the GPU sees.
            for (int i = 0; i < _logits.Length; i++)
            {
                _logits[i] = (float)(Half)_logits[i];
            }
        }

        _predicted = [.. SeededArrays.Uniform(seed, "predicted", 3 * masks, 0, 4).Select(value => MathF.Round(value))];
        _classes = [.. Enumerable.Range(0, masks).Select(i => (byte)(i % 7 % planes))];
    }

    private int BitmapWords => _planes * PlaneWords;

    private int PlaneWords => _geometry.OutputHeight * MaskMerge.WordsPerRow(_geometry.OutputWidth);

    // Counted and timed as the training loop calls it; small problems also ask for what records of a refinement need.
    private int ClashWords => _noted ? PlaneWords : 0;

    public override KernelWork Work => new(
        ((_half ? 2.0 : 4.0) * _classes.Length * _geometry.MaskPixels) + _geometry.Pixels + (4.0 * BitmapWords) + (4.0 * _classes.Length),
        21.0 * _classes.Length * _geometry.Pixels,
        "pixel",
        _geometry.Pixels)
    {
        AllowedRatio = _half ? 7.5 : 6.2,
        Reason = "a pixel near a mask's border reads its sixteen taps through the first-level cache, which the count of sectors does not see, "
            + "and windows of tiles overlap",
    };

    public static KernelProblem Make(ProblemSize size, ulong seed) => Make(size, seed, half: false);

    public static KernelProblem MakeHalf(ProblemSize size, ulong seed) => Make(size, seed, half: true);

    private static MaskMergeProblem Make(ProblemSize size, ulong seed, bool half) => size switch
    {
        ProblemSize.Small => new MaskMergeProblem(new MaskGeometry(16, 16, 64, 64, 64, 50, 77, 61), (int)(seed % 7), 5, half, seed),
        ProblemSize.Counted => new MaskMergeProblem(MaskGeometry.Sam(1024, 1024, 256, 256), 6, 19, half, seed),
        _ => new MaskMergeProblem(MaskGeometry.Sam(1024, 1024, 768, 768), 30, 19, half, seed),
    };

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        byte[] labels = new byte[_geometry.Pixels];
        uint[] bitmaps = new uint[BitmapWords];
        int[] areas = new int[_classes.Length];
        (uint[] clashes, uint[] chosen) = (new uint[ClashWords], new uint[_classes.Length * ClashWords]);
        MaskMerge.Run(_geometry, _logits, _predicted, _classes, _overlap,
            new MergedMasks(labels, bitmaps, areas) { Clashes = clashes, Chosen = chosen }, threads);
        return
        [
            KernelOutput.Of("labels", labels), KernelOutput.Of("areas", areas), KernelOutput.Of("bitmaps", bitmaps),
            KernelOutput.Of("clashes", clashes), KernelOutput.Of("chosen", chosen),
        ];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        CudaMaskMerge merge = run.Own(new CudaMaskMerge(gpu.Kernels, gpu.Stream, _geometry));
        DeviceBuffer<float> predicted = run.Upload(_predicted);
        DeviceBuffer<byte> classes = run.Upload(_classes);
        DeviceBuffer<byte> labels = run.Room<byte>(_geometry.Pixels);
        DeviceBuffer<int> areas = run.Room<int>(_classes.Length);
        DeviceBuffer<uint> bitmaps = run.Room<uint>(BitmapWords);
        DeviceBuffer<uint> clashes = run.Room<uint>(ClashWords);
        DeviceBuffer<uint> chosen = run.Room<uint>(_classes.Length * ClashWords);
        run.Launch = _half ? Launch(run.Upload(Array.ConvertAll(_logits, value => (Half)value))) : Launch(run.Upload(_logits));
        run.Read = () =>
        [
            run.Output("labels", labels), run.Output("areas", areas), run.Output("bitmaps", bitmaps),
            run.Output("clashes", clashes), run.Output("chosen", chosen),
        ];
        return run;

        Action Launch<T>(DeviceBuffer<T> logits)
            where T : unmanaged
            => () => merge.Run(gpu.Stream, logits.Span, predicted.Span, classes.Span, _overlap,
                new MergedOnDevice(labels.Span, areas.Span, bitmaps.Span) { Clashes = clashes.Span, Chosen = chosen.Span });
    }

    // Discs with a rough border, so that tiles are empty, full and mixed.
    private static float[] Discs(MaskGeometry geometry, int masks, ulong seed)
    {
        int side = geometry.MaskWidth;
        float[] logits = SeededArrays.Uniform(seed, "mask logits", (long)masks * MaskMerge.Candidates * geometry.MaskPixels, -0.5f, 0.5f);
        for (int i = 0; i < logits.Length; i++)
        {
            (int plane, int pixel) = Math.DivRem(i, geometry.MaskPixels);
            (int dx, int dy) = ((pixel % side) - (plane * 67 % side), (pixel / side) - (plane * 131 % side));
            logits[i] += (side * 0.08f) + (plane * 7 % (side / 4)) - MathF.Sqrt((dx * dx) + (dy * dy));
        }

        return logits;
    }
}
