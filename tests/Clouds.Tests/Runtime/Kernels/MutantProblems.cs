using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Problems that reach every line of the kernels, as small as that allows. True where the result is the twin's.</summary>
internal static unsafe class MutantProblems
{
    /// <summary>Tiles, seams in both directions, labels; several hundred keys to rank.</summary>
    public static bool FewComponents(EmulatedGpu gpu)
        => Components(gpu, "60", 36, 260, new ComponentRule(LargerThan: 5))
        && Components(gpu, "50", 67, 260, new ComponentRule(Connectivity.Eight, 9));

    /// <summary>The table both ways: eight rounds of ranks, and five segments of the counting sort.</summary>
    public static bool ManyComponents(EmulatedGpu gpu)
        => Components(gpu, "checkerboard", 8, 250, new ComponentRule())
        && Components(gpu, "speckle", 161, 1024, new ComponentRule());

    /// <summary>Candidates, and ranks where windows fit only the corners of a thin frame.</summary>
    public static bool Points(EmulatedGpu gpu)
        => Points(gpu, ClassMaps.Make("rough", 40, 200), 40, 200, 9, 3) && Points(gpu, ClassMaps.Make("frame", 220, 230), 220, 230, 9, 3)
            && Points(gpu, ClassMaps.Make("60", 20, 140), 20, 140, 7, 1);

    /// <summary>More than a chunk of points, a block of queries and one of targets.</summary>
    public static bool MatchingCost(EmulatedGpu gpu) => Solves(gpu, MatchingCostProblem.Make(ProblemSize.Small, 14));

    /// <summary>More queries than targets, and fewer; rows of more than a warp.</summary>
    public static bool Assignment(EmulatedGpu gpu)
        => Solves(gpu, AssignmentProblem.Make(ProblemSize.Small, 3)) && Solves(gpu, AssignmentProblem.Make(ProblemSize.Small, 10));

    /// <summary>Planes of two chunks, of which the second does not fill a round of threads.</summary>
    public static bool GroupNorm(EmulatedGpu gpu)
        => Solves(gpu, GroupNormProblem.Forward(ProblemSize.Small, 18)) && Solves(gpu, GroupNormProblem.Backward(ProblemSize.Small, 18));

    /// <summary>Two chunks of rows that do not end with a tile, of channels that do not end with a vector.</summary>
    public static bool LayerNorm(EmulatedGpu gpu) => Solves(gpu, LayerNormProblem.Backward(ProblemSize.Small, 1));

    /// <summary>Wider and narrower rows, with a broken block at the end.</summary>
    public static bool RowWidth(EmulatedGpu gpu) => Solves(gpu, RowWidthProblem.Make(ProblemSize.Small, 3));

    /// <summary>Narrow and wide rows, in each block three of many updates.</summary>
    public static bool ScatterAdd(EmulatedGpu gpu)
        => ScatterAdd(gpu, new ScatterAddShape(2, 300, 290, 5)) && ScatterAdd(gpu, new ScatterAddShape(1, 300, 290, 140));

    /// <summary>More masks than a chunk, so that the shared tables are filled twice.</summary>
    public static bool MaskMerge(EmulatedGpu gpu) => Enum.GetValues<MaskOverlap>().All(overlap => MaskMerge(gpu, overlap));

    private static bool Solves(EmulatedGpu gpu, KernelProblem problem)
    {
        using KernelRun run = problem.OnGpu(gpu.Gpu);
        run.Launch();
        return KernelOutput.Difference(problem.OnCpu(threads: 1), run.Read(), "processor", "GPU") is null;
    }

    public static bool Ema(EmulatedGpu gpu)
    {
        Pinned<float> teacher = Pinned.Normal(1023, 1);
        Pinned<float> student = Pinned.Normal(1023, 2);
        using DeviceBuffer<float> t = gpu.Upload<float>(teacher.Values);
        using DeviceBuffer<float> s = gpu.Upload<float>(student.Values);
        TeacherAverage.Run(teacher.Span, student.Span, 0.9, threads: 1);
        TeacherAverage.Run(gpu.Kernels, gpu.Stream, t.Span, s.Span, 0.9);
        return Same(teacher.Values, gpu.Download(t));
    }

    /// <summary>Segments that begin and end inside a block of four draws, in memory that nobody may touch beside them.</summary>
    public static bool UniformDraws(EmulatedGpu gpu)
        => Enumerable.Range(0, 4).All(seed => Solves(gpu, UniformDrawsProblem.Make(ProblemSize.Small, (ulong)seed)));

    /// <summary>Whole and broken chunks, more than a block of threads, and one that ends the arenas.</summary>
    public static bool AdamW(EmulatedGpu gpu)
    {
        (long Offset, long Length, int Group)[] layout =
            [(0, 5331, 0), (5332, 0, 1), (5332, 67, 1), .. Enumerable.Range(0, 260).Select(i => (5400L + (4 * i), 1L + (i % 3), 0))];
        Pinned<float>[] arenas = [.. Enumerable.Range(1, 5).Select(seed => Pinned.Uniform(6438, (ulong)seed, 0, 0.5))];
        DeviceBuffer<float>[] device = [.. arenas.Select(arena => gpu.Upload<float>(arena.Values))];
        OptimizerSettings settings = new(ClipMode.FullModel, 0.3);
        GroupSetting[] groups = [new(1e-3, 0.05), new(1e-4, 0)];
        OptimizerArenas twin = new(arenas[0].Span, arenas[1].Span, arenas[2].Span, arenas[3].Span, arenas[4].Span);
        new Optimizer(layout).Step(twin, settings, groups, 1, TeacherUpdate.AfterStep, 0.99, threads: 1);
        using CudaOptimizer optimizer = new(gpu.Kernels, gpu.Stream, layout);
        optimizer.Step(gpu.Stream, ArenasOnDevice.Of(device), settings, groups, 1, TeacherUpdate.AfterStep, 0.99);
        bool same = Enumerable.Range(0, 5).All(i => Same(arenas[i].Values, gpu.Download(device[i])));
        Array.ForEach(device, arena => arena.Dispose());
        return same;
    }

    /// <summary>More than a round of cells, some of many points.</summary>
    public static bool PointSample(EmulatedGpu gpu)
    {
        PointSampleShape shape = new(1, 9, 41, 37, 700);
        Pinned<float> input = Pinned.Normal((int)shape.Inputs, 1);
        Pinned<float> points = Pinned.Uniform(2 * shape.Points, 2, -0.1, 1.1);
        for (int i = 0; i < 400; i++)
        {
            points.Values[i] = (i & 1) == 0 && i >= 200 ? 0.55f : 0.5f;
        }

        Pinned<float> dOutput = Pinned.Normal((int)shape.Outputs, 3);
        (Pinned<float> output, Pinned<float> dInput) = (new((int)shape.Outputs), new((int)shape.Inputs));
        Clouds.Runtime.Kernels.PointSample.Forward(shape, input.Span, points.Span, output.Span, 0, 9);
        Clouds.Runtime.Kernels.PointSample.Backward(shape, dOutput.Span, points.Span, dInput.Span, 0, 9);
        using DeviceBuffer<float> p = gpu.Upload<float>(points.Values);
        using DeviceBuffer<float> x = gpu.Upload<float>(input.Values);
        using DeviceBuffer<float> dy = gpu.Upload<float>(dOutput.Values);
        using DeviceBuffer<float> y = gpu.Context.Allocate<float>(shape.Outputs);
        using DeviceBuffer<float> dx = gpu.Context.Allocate<float>(shape.Inputs);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Cells + 1);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(shape.Points);
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, x.Span, p.Span, y.Span);
        CudaPointSample.Backward(gpu.Kernels, gpu.Stream, shape, dy.Span, p.Span, dx.Span, first.Span, order.Span);
        return Same(output.Values, gpu.Download(y)) && Same(dInput.Values, gpu.Download(dx)) && Bytes(gpu);
    }

    /// <summary>Ties across the rounds of 512 candidates.</summary>
    public static bool UncertainPoints(EmulatedGpu gpu)
    {
        (int rows, int count, int keep) = (2, 1100, 300);
        Pinned<float> logits = new([.. Pinned.Normal(rows * count, 1).Values.Select((value, i) => i % 3 == 0 ? MathF.CopySign(0.25f, value) : value)]);
        Pinned<float> candidates = Pinned.Uniform(2 * rows * count, 2);
        Pinned<float> expected = new(2 * rows * keep);
        Clouds.Runtime.Kernels.UncertainPoints.Run(logits.Span, candidates.Span, expected.Span, rows, count, keep, 0, rows);
        using DeviceBuffer<float> l = gpu.Upload<float>(logits.Values);
        using DeviceBuffer<float> c = gpu.Upload<float>(candidates.Values);
        using DeviceBuffer<float> p = gpu.Context.Allocate<float>(expected.Values.Length);
        CudaUncertainPoints.Run(gpu.Kernels, gpu.Stream, l.Span, c.Span, p.Span, rows, count, keep);
        return Same(expected.Values, gpu.Download(p));
    }

    /// <summary>Two blocks of classes, so that the shared weights are filled twice.</summary>
    public static bool SemanticInference(EmulatedGpu gpu)
    {
        SemanticShape shape = new(7, 23, 6, 36, 24, 144, 21, 133);
        float[] probabilities = Pinned.Uniform(7 * 23, 1).Values;
        float[] masks = Pinned.Normal(7 * 6 * 36, 2, 20).Values;
        (ushort[] labels, float[] scores) = (new ushort[21 * 133], new float[23 * 21 * 133]);
        Clouds.Runtime.Kernels.SemanticInference.Run(shape, probabilities, masks, labels, scores, threads: 1);
        using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
        using DeviceBuffer<float> p = gpu.Upload<float>(probabilities);
        using DeviceBuffer<float> m = gpu.Upload<float>(masks);
        using DeviceBuffer<ushort> l = gpu.Context.Allocate<ushort>(labels.Length);
        using DeviceBuffer<float> s = gpu.Context.Allocate<float>(scores.Length);
        inference.Run(gpu.Stream, p.Span, m.Span, l.Span, s.Span);
        return Same(labels, gpu.Download(l)) && Same(scores, gpu.Download(s));
    }

    /// <summary>Labels alone, and with scores.</summary>
    public static bool ResizedLabels(EmulatedGpu gpu)
        => Enumerable.Range(0, 2).All(seed => Solves(gpu, ResizedLabelsProblem.Make(ProblemSize.Small, (ulong)seed)));

    /// <summary>Every width; three queries more than fit the last block.</summary>
    public static bool DeformableAttention(EmulatedGpu gpu) => new[] { 16, 32, 64, 128 }.All(width => DeformableAttention(gpu, width));

    private static bool DeformableAttention(EmulatedGpu gpu, int width)
    {
        int[] levels = [5, 6, 3, 3, 2, 1];
        MsDeformAttnPlan plan = new(levels, 1, 41, 2, width, 11, 4);
        int samples = plan.Queries * plan.Heads * plan.Samples;
        (Pinned<float> value, Pinned<float> locations, Pinned<float> weights, Pinned<float> dOutput) = (Pinned.Normal(41 * 2 * width, 1),
            Pinned.Uniform(2 * samples, 2, -0.2, 1.2), Pinned.Uniform(samples, 3, 0, 1.0 / plan.Samples), Pinned.Normal(11 * 2 * width, 4));
        (Pinned<float> output, Pinned<float> dValue, Pinned<float> dLocations, Pinned<float> dWeights) =
            (new(dOutput.Values.Length), new(value.Values.Length), new(2 * samples), new(samples));
        MsDeformAttn.Forward(plan, value.Span, locations.Span, weights.Span, output.Span, 0, 2);
        MsDeformAttn.Backward(
            plan, dOutput.Span, value.Span, locations.Span, weights.Span, dValue.Span, dLocations.Span, dWeights.Span, 0, 2);
        using CudaMsDeformAttn attention = new(gpu.Kernels, gpu.Stream, plan, levels);
        using DeviceBuffer<float> v = gpu.Upload<float>(value.Values);
        using DeviceBuffer<float> l = gpu.Upload<float>(locations.Values);
        using DeviceBuffer<float> w = gpu.Upload<float>(weights.Values);
        using DeviceBuffer<float> dy = gpu.Upload<float>(dOutput.Values);
        using DeviceBuffer<float> y = gpu.Context.Allocate<float>(dy.Length);
        using DeviceBuffer<float> dv = gpu.Context.Allocate<float>(v.Length);
        using DeviceBuffer<float> dl = gpu.Context.Allocate<float>(l.Length);
        using DeviceBuffer<float> dw = gpu.Context.Allocate<float>(w.Length);
        using DeviceBuffer<long> sums = gpu.Context.Allocate<long>(v.Length);
        DeviceAttention inputs = new() { Value = v.Span, Locations = l.Span, Weights = w.Span };
        attention.Forward(gpu.Stream, inputs, y.Span);
        DeviceAttention gradients = new() { Value = dv.Span, Locations = dl.Span, Weights = dw.Span };
        attention.Backward(gpu.Stream, inputs, dy.Span, gradients, sums.Span);
        bool stable = IsNear(dValue, gpu.Download(dv));
        attention.Backward(gpu.Stream, inputs, dy.Span, gradients, sums.Span.Slice(0, 0), GradientSum.Atomic);
        return stable && IsNear(output, gpu.Download(y)) && IsNear(dValue, gpu.Download(dv))
            && IsNear(dLocations, gpu.Download(dl)) && IsNear(dWeights, gpu.Download(dw));
    }

    private static bool Components(EmulatedGpu gpu, string kind, int height, int width, ComponentRule rule)
    {
        byte[] map = ClassMaps.Make(kind, height, width);
        using ConnectedComponents twin = new();
        int[] expected = new int[map.Length];
        Component[] table = twin.Run(map, height, width, rule, expected, threads: 1).ToArray();
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, height, width, rule);
        components.Run(gpu.Stream, classes.Span, labels.Span);
        return Same(table, components.Read(gpu.Stream)[0]) && Same(expected, gpu.Download(labels));
    }

    private static bool Points(EmulatedGpu gpu, byte[] map, int height, int width, int count, int erosion)
    {
        using ConnectedComponents twin = new();
        int rows = twin.RunKeepingPixels(map, height, width, new ComponentRule()).Length;
        float[] expected = new float[2 * rows * count];
        int[] expectedCounts = new int[rows];
        ComponentPoints.Run(twin, count, 77, 3, expected, expectedCounts, erosion);
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, height, width, new ComponentRule());
        components.Run(gpu.Stream, classes.Span);
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(expected.Length);
        using DeviceBuffer<int> counts = gpu.Context.Allocate<int>(rows);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, components, 0, rows, count, 77, 3, points.Span, counts.Span, erosion);
        return Same(expected, gpu.Download(points)) && Same(expectedCounts, gpu.Download(counts));
    }

    private static bool MaskMerge(EmulatedGpu gpu, MaskOverlap overlap)
    {
        const int Masks = 260;
        MaskGeometry geometry = new(8, 8, 32, 32, 32, 25, 28, 39);
        float[] logits = Pinned.Normal(Masks * 3 * 64, 1).Values;
        for (int i = 0; i < logits.Length; i++)
        {
            // A few bands that cross some others, and many masks of nothing.
            (int mask, int band) = (i / 192, (i % 8) + (i / 8 % 8));
            logits[i] += mask % 43 == 0 && Math.Abs(band - (mask / 43 * 2)) < 2 ? 2 : -9;
        }

        float[] predicted = Pinned.Uniform(3 * Masks, 2).Values;
        byte[] classes = [.. Enumerable.Range(0, Masks).Select(i => (byte)(i % 6))];
        (byte[] labels, uint[] bitmaps, int[] areas, uint[] clashes) = (new byte[28 * 39], new uint[5 * 28 * 2], new int[Masks], new uint[28 * 2]);
        Clouds.Runtime.Kernels.MaskMerge.Run(
            geometry, logits, predicted, classes, overlap, new MergedMasks(labels, bitmaps, areas) { Clashes = clashes }, threads: 1);
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        using DeviceBuffer<float> l = gpu.Upload<float>(logits);
        using DeviceBuffer<float> p = gpu.Upload<float>(predicted);
        using DeviceBuffer<byte> c = gpu.Upload<byte>(classes);
        using DeviceBuffer<byte> foundLabels = gpu.Context.Allocate<byte>(labels.Length);
        using DeviceBuffer<int> foundAreas = gpu.Context.Allocate<int>(areas.Length);
        using DeviceBuffer<uint> foundBitmaps = gpu.Context.Allocate<uint>(bitmaps.Length);
        using DeviceBuffer<uint> foundClashes = gpu.Context.Allocate<uint>(clashes.Length);
        foreach ((int from, int count) in new[] { (0, 1), (1, Masks - 1) })
        {
            DeviceSpan<int> areasOfPart = foundAreas.Span.Slice(from, count);
            MergedOnDevice part = new(foundLabels.Span, areasOfPart, foundBitmaps.Span) { Clashes = foundClashes.Span, Resumes = from > 0 };
            merge.Run(gpu.Stream, l.Span.Slice(from * 192, count * 192), p.Span.Slice(3 * from, 3 * count), c.Span.Slice(from, count), overlap, part);
        }

        return Same(labels, gpu.Download(foundLabels)) && Same(areas, gpu.Download(foundAreas)) && Same(bitmaps, gpu.Download(foundBitmaps))
            && Same(clashes, gpu.Download(foundClashes));
    }

    private static bool Bytes(EmulatedGpu gpu)
    {
        PointSampleShape shape = new(1, 9, 9, 11, 100);
        Pinned<byte> input = new([.. Enumerable.Range(0, 9 * 99).Select(i => (byte)(i * 37))]);
        Pinned<float> points = Pinned.Uniform(200, 2);
        Pinned<float> output = new(900);
        Clouds.Runtime.Kernels.PointSample.Forward(shape, input.Span, points.Span, output.Span, 0, 9);
        using DeviceBuffer<byte> x = gpu.Upload<byte>(input.Values);
        using DeviceBuffer<float> p = gpu.Upload<float>(points.Values);
        using DeviceBuffer<float> y = gpu.Context.Allocate<float>(900);
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, x.Span, p.Span, y.Span);
        return Same(output.Values, gpu.Download(y));
    }

    private static bool ScatterAdd(EmulatedGpu gpu, ScatterAddShape shape)
    {
        Pinned<float> updates = Pinned.Normal((int)shape.Terms, 1);
        Pinned<long> indices = new([.. Enumerable.Range(0, shape.Blocks * shape.Updates).Select(i => i % 5 == 0 ? (i * 7L % 580) - 290 : i % 3 * 100L)]);
        Pinned<float> sums = new((int)shape.Sums);
        Clouds.Runtime.Kernels.ScatterAdd.Add(
            shape, updates.Span, indices.Span, sums.Span, 0, Clouds.Runtime.Kernels.ScatterAdd.Units(shape));
        using DeviceBuffer<float> u = gpu.Upload<float>(updates.Values);
        using DeviceBuffer<long> i = gpu.Upload<long>(indices.Values);
        using DeviceBuffer<float> s = gpu.Context.Allocate<float>(shape.Sums);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Lists);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(i.Length);
        CudaScatterAdd.Run(gpu.Kernels, gpu.Stream, shape, u.Span, i.Span, s.Span, first.Span, order.Span);
        return Same(sums.Values, gpu.Download(s));
    }

    private static bool Same<T>(T[] expected, T[] found) => expected.AsSpan().SequenceEqual(found);

    // Sums of other order than the twin's: MsDeformAttnKernelTests says how near they are.
    private static bool IsNear(Pinned<float> expected, float[] found)
    {
        float scale = expected.Values.Max(Math.Abs);
        return expected.Values.Zip(found).All(pair => Math.Abs(pair.First - pair.Second) <= 2e-6 * scale);
    }
}
