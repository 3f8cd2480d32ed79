using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>The problems of `clouds bench kernels`: the sizes of a 768 x 768 training crop and of a Cityscapes-sized label map (kernels.md).</summary>
internal static partial class KernelCases
{
    /// <summary>Makers of the cases, so that only one at a time holds memory, each with its family: a folder of Clouds.Runtime/Kernels.</summary>
    /// <param name="quick">Small problems, for a look or a test.</param>
    public static IReadOnlyList<(string Family, Func<KernelCase> Make)> All(bool quick)
    {
        int parameters = quick ? 1 << 18 : 22_700_000;
        int side = quick ? 24 : 96;
        (int height, int width) = quick ? (128, 256) : (1024, 2048);
        IEnumerable<(string, Func<KernelCase>)> maps = BenchMaps.Make(height, width)
            .Select<BenchMap, (string, Func<KernelCase>)>(map => (nameof(ConnectedComponents), () => Labelling(map)));
        return
        [
            .. maps,
            (nameof(ComponentPoints), () => Points(BenchMaps.Make(height, width)[1])),
            (nameof(MaskMerge), () => Masks(quick ? 4 : 30, quick ? 96 : 768)),
            (nameof(TeacherAverage), () => Average(parameters)),
            (nameof(UniformDraws), () => Draws(quick ? 2 : 152)),
            (nameof(Optimizer), () => Step(parameters)),
            (nameof(MsDeformAttn), () => Attention(side, backward: false)),
            (nameof(MsDeformAttn), () => Attention(side, backward: true)),
            (nameof(Linear), () => LinearLayer(21 * side * side / 16, 1024, 256)),
            (nameof(Linear), () => LinearLayer(21 * side * side / 16, 256, 1024)),
            (nameof(ConvWeight), () => WeightGradient(side / 2)),
            (nameof(DepthwiseConv), () => Depthwise(side, backward: false)),
            (nameof(DepthwiseConv), () => Depthwise(side, backward: true)),
            (nameof(Activations), () => GeluSlope(96 * side * side)),
            (nameof(GroupNorm), () => GroupNormalisation(2 * side, backward: false)),
            (nameof(GroupNorm), () => GroupNormalisation(2 * side, backward: true)),
            (nameof(LayerNorm), () => Normalisation(side, backward: false)),
            (nameof(LayerNorm), () => Normalisation(side, backward: true)),
            (nameof(PointSample), () => Sampling(quick ? 10 : 100, 2 * side, quick ? 1000 : 12_544, backward: false)),
            (nameof(PointSample), () => Sampling(quick ? 10 : 100, 2 * side, quick ? 1000 : 12_544, backward: true)),
            (nameof(MatchingCost), () => Matching(quick ? 10 : 100, 2 * side, quick ? 1000 : 12_544)),
            (nameof(UncertainPoints), () => Uncertain(quick ? 10 : 100, quick ? 3000 : 37_632)),
            (nameof(ScatterAdd), () => Words(quick ? 1000 : 50_000, quick ? 4 : 64)),
            (nameof(SemanticInference), () => Semantic(2 * side)),
        ];
    }

    private static KernelCase Labelling(BenchMap map)
    {
        ConnectedComponents components = new();
        ComponentRule rule = map.Binary ? new ComponentRule(LargerThan: 0, Excluded: [0]) : new ComponentRule(LargerThan: LabellingBench.LargerThan);

        // Two comparisons a pixel: with the neighbours on the left and above.
        return new KernelCase("connected components", $"{map.Name} {map.Height}x{map.Width}", map.Pixels.Length,
            2.0 * map.Pixels.Length, threads => components.Run(map.Pixels, map.Height, map.Width, rule, threads)).Owning(components);
    }

    private static KernelCase Points(BenchMap map)
    {
        const int Count = 5;
        ConnectedComponents components = new();
        int found = components.RunKeepingPixels(map.Pixels, map.Height, map.Width, new ComponentRule(LargerThan: 50)).Length;
        float[] points = new float[found * Count * 2];
        int[] counts = new int[found];
        return new KernelCase("component points", $"{found} components, 5 points", found * (28.0 + 44),
            found * Count * 2, _ => ComponentPoints.Run(components, Count, 1, 0, points, counts)).Owning(components);
    }

    private static KernelCase Masks(int masks, int size)
    {
        MaskGeometry geometry = MaskGeometry.Sam(1024, 1024, size, size);
        float[] logits = new float[masks * MaskMerge.Candidates * geometry.MaskPixels];
        for (int i = 0; i < logits.Length; i++)
        {
            (int plane, int pixel) = Math.DivRem(i, geometry.MaskPixels);
            (int x, int y) = ((pixel & 255) - (plane * 67 % 256), (pixel >> 8) - (plane * 131 % 256));
            logits[i] = 20 + (plane * 7 % 30) - MathF.Sqrt((x * x) + (y * y));
        }

        float[] iou = new float[masks * MaskMerge.Candidates];
        byte[] classes = [.. Enumerable.Range(0, masks).Select(i => (byte)(i % 19))];
        byte[] labels = new byte[geometry.Pixels];
        uint[] bitmaps = new uint[19 * size * MaskMerge.WordsPerRow(size)];
        int[] areas = new int[masks];
        double bytes = (4.0 * masks * geometry.MaskPixels) + labels.Length + (4.0 * bitmaps.Length);

        // Nine operations for a row of frame pixels and three for an output pixel, on all pixels; most tiles need none.
        return new KernelCase("mask merge", $"{masks} masks to {size}x{size}", bytes, 21.0 * masks * geometry.Pixels,
            threads => MaskMerge.Run(geometry, logits, iou, classes, MaskOverlap.Any, new MergedMasks(labels, bitmaps, areas), threads));
    }

    private static KernelCase Average(int count)
    {
        (NativeBuffer teacher, NativeBuffer student) = (BenchFloats.Uniform(count, -1, 1), BenchFloats.Uniform(count, -1, 1));
        return new KernelCase("teacher average", $"{count} parameters", 12.0 * count, 3.0 * count,
            threads => TeacherAverage.Run(Floats(teacher), Floats(student), 0.999, threads)).Owning(teacher, student);
    }

    // The candidate points of a prediction's masks, one stream's draws cut into rows.
    private static KernelCase Draws(int rows)
    {
        const int Row = 2 * 37_632;
        NativeBuffer memory = BenchFloats.Uniform((long)rows * Row, 0, 1);
        StreamKey key = new RandomStream(1, "points").Key;
        DrawSegment[] segments = [.. Enumerable.Range(0, rows).Select(i => new DrawSegment((ulong)i * Row, Row, (ulong)i * Row, key))];
        return new KernelCase("uniform draws", $"{rows} rows of {Row}", 4.0 * rows * Row, 32.0 * rows * Row,
            threads => UniformDraws.Run(segments, Floats(memory), threads)).Owning(memory);
    }

    private static KernelCase Step(int count)
    {
        NativeBuffer[] buffers = [.. Enumerable.Range(0, 5).Select(i => BenchFloats.Uniform(count, i == 3 ? 0 : -1e-3f, 1e-3f))];
        OptimizerArenas arenas = new(Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), Floats(buffers[3]), Floats(buffers[4]));
        Optimizer optimizer = new([(0L, count, 0)]);
        OptimizerSettings settings = new(ClipMode.FullModel, 0.01);
        long step = 0;
        return new KernelCase("clip, AdamW, average", $"{count} parameters", 40.0 * count, 22.0 * count,
            threads => optimizer.Step(arenas, settings, [new GroupSetting(1e-5, 0.05)], ++step, TeacherUpdate.AfterStep, 0.999, threads)).Owning(buffers);
    }

    private static HostSpan<float> Floats(NativeBuffer buffer) => buffer.Elements<float>();
}
