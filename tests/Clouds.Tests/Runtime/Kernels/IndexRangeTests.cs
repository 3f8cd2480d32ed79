using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>
/// Arrays of more than 2^32 elements. Only the last blocks run, and the emulator's memory takes room only where it is touched. EmaTests has
/// the average's.
/// </summary>
[Kind(TestKind.Emulated)]
public sealed unsafe class IndexRangeTests
{
    private const long Limit = 1L << 32;

    [NvrtcFact]
    public void Components_BatchOfMoreThanTwoToTheThirtyTwoPixels_LabelsTheLastMap()
    {
        (int images, int height, int width) = (65_535, 257, 257);
        long before = (images - 1L) * height * width;
        Assert.True(before > Limit);
        (LaunchPlan tile, LaunchPlan seams, LaunchPlan resolve, LaunchPlan dense) = CudaConnectedComponents.Plan(images, height, width);
        ComponentRule rule = new(LargerThan: 40);
        (LaunchPlan list, LaunchPlan rank, _, _) = CudaComponentTable.Plan(images, height * width, height * width / 41);
        using EmulatedGpu gpu = Sparse(("components_tile", LastPlane(tile)), ("components_seams", LastPlane(seams)), ("components_resolve", LastPlane(resolve)),
            ("components_select", LastPlane(list)), ("components_rank", LastPlane(rank)), ("components_labels", LastPlane(dense)));
        byte[] map = ClassMaps.Make("60", height, width);
        (Component[] table, int[] expected) = FloodFill.Run(map, height, width, rule);
        using DeviceBuffer<byte> classes = gpu.Context.Allocate<byte>(before + map.Length);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(before + map.Length);
        gpu.Stream.Upload<byte>(map, classes.Span.Slice(before, map.Length));
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, images, height, width, rule);
        components.Run(gpu.Stream, classes.Span, labels.Span);
        Assert.Equal(table, components.Read(gpu.Stream)[^1]);
        Assert.Equal(expected, Download(gpu, labels.Span.Slice(before, map.Length)));
        AssertPoints(gpu, components, images - 1, map, (height, width), rule);
    }

    [NvrtcFact]
    public void ComponentTable_SortedTablesOfMoreThanTwoToTheThirtyTwoInts_FillsTheLast()
    {
        (int images, int width) = (65_535, 9364);
        Assert.True(7L * images * width > Limit);
        (LaunchPlan tile, LaunchPlan seams, LaunchPlan resolve, _) = CudaConnectedComponents.Plan(images, 1, width);
        (LaunchPlan list, _, LaunchPlan offsets, LaunchPlan place) = CudaComponentTable.Plan(images, width, width);
        using EmulatedGpu gpu = Sparse(("components_tile", LastPlane(tile)), ("components_seams", LastPlane(seams)), ("components_resolve", LastPlane(resolve)),
            ("components_mark", LastPlane(list)), ("components_offsets", LastBlock(offsets)), ("components_place", LastPlane(place)));
        byte[] map = ClassMaps.Make("checkerboard", 1, width);
        using DeviceBuffer<byte> classes = gpu.Context.Allocate<byte>((long)images * width);
        gpu.Stream.Upload<byte>(map, classes.Span.Slice((images - 1L) * width, width));
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, images, 1, width, new ComponentRule());
        components.Run(gpu.Stream, classes.Span);
        Assert.Equal(FloodFill.Run(map, 1, width, new ComponentRule()).Table, components.Read(gpu.Stream)[^1]);
    }

    [NvrtcFact]
    public void AdamW_ParameterBehindTwoToTheThirtyTwoFloats_IsUpdated()
    {
        const long Offset = Limit + 16;
        using EmulatedGpu gpu = Sparse();
        Pinned<float>[] arenas = [.. Enumerable.Range(1, 5).Select(seed => Pinned.Uniform(111, (ulong)seed, 0, 0.5))];
        DeviceBuffer<float>[] device = [.. arenas.Select(_ => gpu.Context.Allocate<float>(Offset + 103))];
        for (int i = 0; i < 5; i++)
        {
            gpu.Stream.Upload<float>(arenas[i].Values.AsSpan(0, 5), device[i].Span.Slice(0, 5));
            gpu.Stream.Upload<float>(arenas[i].Values.AsSpan(8), device[i].Span.Slice(Offset, 103));
        }

        OptimizerSettings settings = new(ClipMode.FullModel, 0.3);
        GroupSetting[] groups = [new(1e-3, 0.05)];
        OptimizerArenas twin = new(arenas[0].Span, arenas[1].Span, arenas[2].Span, arenas[3].Span, arenas[4].Span);
        OptimizerStep expected = new Optimizer([(0, 5, 0), (8, 103, 0)]).Step(twin, settings, groups, 1, TeacherUpdate.AfterStep, 0.99, threads: 1);
        using CudaOptimizer optimizer = new(gpu.Kernels, gpu.Stream, [(0, 5, 0), (Offset, 103, 0)]);
        optimizer.Step(gpu.Stream, ArenasOnDevice.Of(device), settings, groups, 1, TeacherUpdate.AfterStep, 0.99);
        Assert.Equal(expected, optimizer.Result(gpu.Stream));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(arenas[i].Values[8..], Download(gpu, device[i].Span.Slice(Offset, 103)));
            device[i].Dispose();
        }
    }

    [NvrtcFact]
    public void PointSample_PlanesBehindTwoToTheThirtyTwoFloats_AreRead()
    {
        const int Side = 46_340;
        PointSampleShape shape = new(2, 9, Side, Side, 1);
        Assert.True(shape.Inputs > Limit);
        using EmulatedGpu gpu = Sparse(("point_sample_f32", LastBlock(CudaPointSample.Plan(shape).Forward)));
        using DeviceBuffer<float> input = gpu.Context.Allocate<float>(shape.Inputs);
        using DeviceBuffer<float> points = gpu.Upload<float>([0, 0, (Side - 1f) / Side, (Side - 1f) / Side]);
        using DeviceBuffer<float> output = gpu.Context.Allocate<float>(shape.Outputs);
        gpu.Stream.Upload<float>([3, 5], input.Span.Slice(shape.Inputs - 2, 2));
        gpu.Stream.Upload<float>([1, 2], input.Span.Slice(shape.Inputs - Side - 2, 2));
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, input.Span, points.Span, output.Span);

        // The corner at which the last four pixels meet: the mean of 1, 2, 3 and 5, as far as a coordinate near 46,340 tells.
        Assert.Equal(2.75f, Download(gpu, output.Span.Slice(shape.Outputs - 1, 1))[0], 0.02f);
    }

    [NvrtcFact]
    public void PointSample_SamplesBehindTwoToTheThirtyTwo_AreWrittenAndReadBack()
    {
        (int channels, int side, int count) = (65_535, 8, 70_000);
        PointSampleShape shape = new(1, channels, side, side, count);
        (LaunchPlan forward, _, _, _, LaunchPlan backward) = CudaPointSample.Plan(shape);
        long last = (channels - 1L) * count;
        Assert.True(last > Limit);
        using EmulatedGpu gpu = Sparse(("point_sample_u8", LastRow(forward)), ("point_sample_backward", LastBlock(backward)));
        Pinned<float> at = Pinned.Uniform(2 * count, 1, -0.1, 1.1);
        Pinned<byte> plane = new([.. Enumerable.Range(0, side * side).Select(i => (byte)(i * 37))]);
        Pinned<float> dOutput = Pinned.Normal(count, 2);
        (Pinned<float> expected, Pinned<float> expectedGradient) = (new(count), new(side * side));
        PointSample.Forward(shape with { Channels = 1 }, plane.Span, at.Span, expected.Span, 0, 1);
        PointSample.Backward(shape with { Channels = 1 }, dOutput.Span, at.Span, expectedGradient.Span, 0, 1);
        using DeviceBuffer<float> points = gpu.Upload<float>(at.Values);
        using DeviceBuffer<byte> input = gpu.Upload<byte>([.. Enumerable.Range(0, channels).SelectMany(_ => plane.Values)]);
        using DeviceBuffer<float> samples = gpu.Context.Allocate<float>(shape.Outputs);
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, input.Span, points.Span, samples.Span);
        Assert.Equal(expected.Values[^200..], Download(gpu, samples.Span.Slice(shape.Outputs - 200, 200)));
        using DeviceBuffer<float> gradient = gpu.Context.Allocate<float>(shape.Inputs);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Cells + 1);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(count);
        for (long start = last - (6L * count); start <= last; start += count)
        {
            gpu.Stream.Upload<float>(dOutput.Values, samples.Span.Slice(start, count));
        }

        CudaPointSample.Backward(gpu.Kernels, gpu.Stream, shape, samples.Span, points.Span, gradient.Span, first.Span, order.Span);
        Assert.Equal(expectedGradient.Values, Download(gpu, gradient.Span.Slice((channels - 1L) * side * side, side * side)));
    }

    [NvrtcFact]
    public void ScatterAdd_UpdatesAndSumsBehindTwoToTheThirtyTwo_MeetInTheLastBlock()
    {
        (int blocks, int updates, int rows, int width) = (65_535, 9, 8, 8200);
        ScatterAddShape shape = new(blocks, updates, rows, width);
        Assert.True(shape.Terms - (updates * width) > Limit && shape.Sums - (rows * width) > Limit);
        (LaunchPlan each, LaunchPlan scan, LaunchPlan lists) = CudaScatterAdd.Plan(shape);
        LaunchPlan sum = CudaScatterAdd.Sum(shape, four: true).Plan;
        using EmulatedGpu gpu = Sparse(("scatter_count", LastRow(each)), ("scatter_scan", LastBlock(scan)), ("scatter_fill", LastRow(each)),
            ("scatter_sort", LastRow(lists)), ("scatter_sum_4", LastPlane(sum)));
        (Pinned<float> terms, Pinned<long> indices, Pinned<float> expected) =
            (Pinned.Normal(updates * width, 1), new([3L, 0, 0, 7, 3, -1, 5, 0, 3]), new(rows * width));
        ScatterAdd.Add(shape with { Blocks = 1 }, terms.Span, indices.Span, expected.Span, 0, ScatterAdd.Units(shape with { Blocks = 1 }));
        using DeviceBuffer<float> u = gpu.Context.Allocate<float>(shape.Terms);
        using DeviceBuffer<long> i = gpu.Context.Allocate<long>((long)blocks * updates);
        using DeviceBuffer<float> s = gpu.Context.Allocate<float>(shape.Sums);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Lists);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(i.Length);
        gpu.Stream.Upload<float>(terms.Values, u.Span.Slice(shape.Terms - terms.Values.Length, terms.Values.Length));
        gpu.Stream.Upload<long>(indices.Values, i.Span.Slice(i.Length - updates, updates));
        CudaScatterAdd.Run(gpu.Kernels, gpu.Stream, shape, u.Span, i.Span, s.Span, first.Span, order.Span);
        Assert.Equal(expected.Values, Download(gpu, s.Span.Slice(shape.Sums - (rows * width), rows * width)));
    }

    [NvrtcFact]
    public void MaskMerge_LogitsAndLabelsBehindTwoToTheThirtyTwo_MeetInTheLastTile()
    {
        (int masks, int side, int output) = (1500, 1024, 70_000);
        MaskGeometry geometry = new(side, side, 2048, 2048, 2048, 2048, output, output);
        long logits = 3L * masks * side * side, pixels = (long)output * output;
        Assert.True(logits > Limit && pixels > Limit);

        // Logits that nobody wrote are 0, which covers nothing; the last candidate of the last mask is positive at the end.
        using EmulatedGpu gpu = Sparse(checkInitialised: false, ("mask_merge", LastBlock(CudaMaskMerge.Plan(geometry))));
        using DeviceBuffer<float> l = gpu.Context.Allocate<float>(logits);
        gpu.Stream.Upload<float>([.. Enumerable.Repeat(5f, 8 * side)], l.Span.Slice(logits - (8 * side), 8 * side));
        using DeviceBuffer<float> p = gpu.Upload<float>([.. Enumerable.Range(0, 3 * masks).Select(i => (float)i)]);
        using DeviceBuffer<byte> c = gpu.Upload<byte>([.. Enumerable.Range(0, masks).Select(i => (byte)(i % 17))]);
        using DeviceBuffer<byte> labels = gpu.Context.Allocate<byte>(pixels);
        using DeviceBuffer<int> areas = gpu.Context.Allocate<int>(masks);
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        merge.Run(gpu.Stream, l.Span, p.Span, c.Span, MaskOverlap.Any, new MergedOnDevice(labels.Span, areas.Span));
        const int LastTile = 70_000 % 32;
        Assert.All(Download(gpu, labels.Span.Slice(pixels - LastTile, LastTile)), label => Assert.Equal((masks - 1) % 17, label));
        Assert.Equal(LastTile * LastTile, gpu.Download(areas)[^1]);
        Assert.All(gpu.Download(areas)[..^1], area => Assert.Equal(0, area));
    }

    [NvrtcFact]
    public void SemanticInference_MasksAndScoresBehindTwoToTheThirtyTwo_MeetInTheLastBlock()
    {
        (int queries, int mask, int side) = (1100, 2048, 65_535);
        SemanticShape shape = new(queries, 2, mask, mask, side, side, side, side);
        long masks = (long)queries * mask * mask, pixels = (long)side * side;
        Assert.True(masks > Limit && 2 * pixels > Limit);

        // Logits that nobody wrote are 0. Only the last query counts, and for the last class only.
        using EmulatedGpu gpu = Sparse(checkInitialised: false, ("semantic_inference", LastBlock(CudaSemanticInference.Plan(shape))));
        using DeviceBuffer<float> m = gpu.Context.Allocate<float>(masks);
        gpu.Stream.Upload<float>([.. Enumerable.Repeat(20f, 3 * mask)], m.Span.Slice(masks - (3 * mask), 3 * mask));
        using DeviceBuffer<float> p = gpu.Upload<float>([.. Enumerable.Range(0, 2 * queries).Select(i => i == (2 * queries) - 1 ? 1f : 0f)]);
        using DeviceBuffer<ushort> labels = gpu.Context.Allocate<ushort>(pixels);
        using DeviceBuffer<float> scores = gpu.Context.Allocate<float>(2 * pixels);
        using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
        inference.Run(gpu.Stream, p.Span, m.Span, labels.Span, scores.Span);
        Assert.All(Download(gpu, labels.Span.Slice(pixels - 100, 100)), label => Assert.Equal(1, label));
        Assert.All(Download(gpu, scores.Span.Slice((2 * pixels) - 100, 100)), score => Assert.Equal(1f, score, 1e-6f));
    }

    [NvrtcFact]
    public void UncertainPoints_RowsBehindTwoToTheThirtyTwo_AreKept()
    {
        (int rows, int count, int keep) = (70_000, 65_536, 3);
        long before = (rows - 1L) * count;
        Assert.True(before > Limit);
        using EmulatedGpu gpu = Sparse(("uncertain_points", LastBlock(CudaUncertainPoints.Plan(rows, keep))));
        (Pinned<float> logits, Pinned<float> candidates, Pinned<float> expected) = (Pinned.Normal(count, 1), Pinned.Uniform(2 * count, 2), new(2 * keep));
        UncertainPoints.Run(logits.Span, candidates.Span, expected.Span, 1, count, keep, 0, 1);
        using DeviceBuffer<float> l = gpu.Context.Allocate<float>((long)rows * count);
        using DeviceBuffer<float> c = gpu.Context.Allocate<float>(2L * rows * count);
        using DeviceBuffer<float> p = gpu.Context.Allocate<float>(2L * rows * keep);
        gpu.Stream.Upload<float>(logits.Values, l.Span.Slice(before, count));
        gpu.Stream.Upload<float>(candidates.Values, c.Span.Slice(2 * before, 2 * count));
        CudaUncertainPoints.Run(gpu.Kernels, gpu.Stream, l.Span, c.Span, p.Span, rows, count, keep);
        Assert.Equal(expected.Values, Download(gpu, p.Span.Slice(2L * (rows - 1) * keep, 2 * keep)));
    }

    [NvrtcTheory]
    [InlineData(409_300, 1)]
    [InlineData(1, 16_777_219)]
    public void DeformableAttention_ValuesOrOutputsBehindTwoToTheThirtyTwo_AreSampled(int batch, int queries)
    {
        int[] levels = [5, 6, 3, 3, 2, 1];
        (int tokens, int heads, int width) = (41, 8, 32);
        MsDeformAttnPlan plan = new(levels, batch, tokens, heads, width, queries, 4);
        MsDeformAttnPlan one = new(levels, 1, tokens, heads, width, 1, 4);
        int row = heads * width, samples = heads * plan.Samples;
        long last = ((long)batch * queries) - 1;
        Assert.True((long)batch * tokens * row > Limit || last * row > Limit);
        (Pinned<float> value, Pinned<float> locations, Pinned<float> weights, Pinned<float> expected) =
            (Pinned.Normal(tokens * row, 1), Pinned.Uniform(2 * samples, 2), Pinned.Uniform(samples, 3, 0, 0.05), new(row));
        MsDeformAttn.Forward(one, value.Span, locations.Span, weights.Span, expected.Span, 0, heads);
        using EmulatedGpu gpu = Sparse(("ms_deform_forward_f32_8", LastBlock(CudaMsDeformAttn.Plan(plan).Units)));
        using DeviceBuffer<float> v = gpu.Context.Allocate<float>((long)batch * tokens * row);
        using DeviceBuffer<float> l = gpu.Context.Allocate<float>(2 * (last + 1) * samples);
        using DeviceBuffer<float> w = gpu.Context.Allocate<float>((last + 1) * samples);
        using DeviceBuffer<float> output = gpu.Context.Allocate<float>((last + 1) * row);
        gpu.Stream.Upload<float>(value.Values, v.Span.Slice((batch - 1L) * tokens * row, tokens * row));
        gpu.Stream.Upload<float>(locations.Values, l.Span.Slice(2 * last * samples, 2 * samples));
        gpu.Stream.Upload<float>(weights.Values, w.Span.Slice(last * samples, samples));
        using CudaMsDeformAttn attention = new(gpu.Kernels, gpu.Stream, plan, levels);
        attention.Forward(gpu.Stream, new DeviceAttention { Value = v.Span, Locations = l.Span, Weights = w.Span }, output.Span);
        Near.All(expected.Values, Download(gpu, output.Span.Slice(last * row, row)), 1e-6);
    }

    [Fact]
    public void Hosts_SizesBeyondTheKernelsIndices_AreRefusedByName()
    {
        using EmulatedGpu gpu = new();
        PointSampleShape plane = new(1, 1, 65_536, 32_768, 1);
        Assert.Contains("is too large", Assert.Throws<ArgumentException>(() => CudaPointSample.Forward(
            gpu.Kernels, gpu.Stream, plane, new DeviceSpan<float>(0, plane.Inputs), new DeviceSpan<float>(0, 2), new DeviceSpan<float>(0, 1))).Message);
        PointSampleShape channels = new(1, 65_536, 1, 1, 1);
        Assert.Contains("is too large", Assert.Throws<ArgumentException>(() => CudaPointSample.Forward(gpu.Kernels, gpu.Stream, channels,
            new DeviceSpan<float>(0, channels.Inputs), new DeviceSpan<float>(0, 2), new DeviceSpan<float>(0, 65_536))).Message);
        Assert.Contains("5000 queries are too many", Assert.Throws<ArgumentException>(
            () => new CudaSemanticInference(gpu.Kernels, gpu.Stream, new SemanticShape(5000, 2, 4, 4, 16, 16, 16, 16))).Message);
        Assert.Contains("do not fit", Assert.Throws<ArgumentException>(
            () => new CudaSemanticInference(gpu.Kernels, gpu.Stream, new SemanticShape(5, 2, 4, 4, 65_536, 16, 65_536, 16))).Message);
    }

    private static void AssertPoints(
        EmulatedGpu gpu, CudaConnectedComponents components, int image, byte[] map, (int Height, int Width) size, ComponentRule rule)
    {
        using ConnectedComponents twin = new();
        int rows = twin.RunKeepingPixels(map, size.Height, size.Width, rule).Length;
        (float[] expected, int[] expectedCounts) = (new float[2 * rows * 3], new int[rows]);
        ComponentPoints.Run(twin, 3, 77, 3, expected, expectedCounts);
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(expected.Length);
        using DeviceBuffer<int> counts = gpu.Context.Allocate<int>(rows);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, components, image, rows, 3, 77, 3, points.Span, counts.Span);
        Assert.Equal(expected, gpu.Download(points));
    }

    private static T[] Download<T>(EmulatedGpu gpu, DeviceSpan<T> span)
        where T : unmanaged
    {
        T[] values = new T[span.Length];
        gpu.Stream.Download(span, values);
        return values;
    }

    private static EmulatedGpu Sparse(params (string Kernel, long First)[] launches) => Sparse(checkInitialised: true, launches);

    private static EmulatedGpu Sparse(bool checkInitialised, params (string Kernel, long First)[] launches) => new(new EmulatorSettings
    {
        MemoryBytes = 1L << 39,
        CheckInitialised = checkInitialised,
        FirstBlocks = launches.ToDictionary(launch => launch.Kernel, launch => launch.First),
    });

    private static long LastPlane(LaunchPlan plan) => (long)plan.GridX * plan.GridY * (plan.GridZ - 1);

    private static long LastRow(LaunchPlan plan) => (long)plan.GridX * ((plan.GridY * plan.GridZ) - 1);

    private static long LastBlock(LaunchPlan plan) => ((long)plan.GridX * plan.GridY * plan.GridZ) - 1;
}
