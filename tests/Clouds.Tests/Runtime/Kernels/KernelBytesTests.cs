using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>
/// Sectors that the emulator counts for each kernel, which has no cache, against the least bytes of its card. EmaTests, AdamWTests and
/// ConnectedComponentsBudgetTests hold the narrow limits; the factors here are a tenth above what was measured, with what lies above the least.
/// </summary>
[Kind(TestKind.Emulated)]
public sealed class KernelBytesTests(ITestOutputHelper output)
{
    [NvrtcTheory]
    [InlineData("street", 5000, 1.7, 7, 1.45, 0)]
    [InlineData("rough", 5000, 1.75, 7, 1.4, 0)]
    [InlineData("50", 0, 6.4, 22, 4.9, 6.3)]
    public void Components_HalfAMegapixel(string kind, int largerThan, double tile, double seams, double dense, double place)
    {
        (int height, int width) = (512, 1024);
        byte[] map = ClassMaps.Make(kind, height, width);
        using EmulatedGpu gpu = new();
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, height, width, new ComponentRule(LargerThan: largerThan));
        components.Run(gpu.Stream, classes.Span, labels.Span);
        long rows = components.Read(gpu.Stream)[0].Length;
        long runs = Enumerable.Range(0, map.Length).LongCount(i => i % 128 == 0 || map[i] != map[i - 1]);

        // Words of runs, parts and rows lie apart: a sector of 32 bytes for 4, which the second-level cache holds together.
        Check(gpu, "components_tile", (1.125 * map.Length) + (4 * runs), tile);
        Check(gpu, "components_seams", map.Length * ((2 / 16.0) + (2 / 128.0)), seams);
        Check(gpu, "components_labels", (4.125 * map.Length) + (12 * runs), dense);
        if (place > 0)
        {
            Check(gpu, "components_place", (0.25 * map.Length) + (52 * rows), place);
        }
    }

    [NvrtcFact]
    public void MaskMerge_ThirtyMasks()
    {
        MaskGeometry geometry = new(256, 256, 1024, 1024, 1024, 1024, 768, 768);
        float[] logits = new float[30 * 3 * 65_536];
        for (int i = 0; i < logits.Length; i++)
        {
            (int mask, int y, int x) = (i / 65_536, i / 256 % 256, i % 256);
            logits[i] = 30 + (mask % 7 * 3) - MathF.Sqrt(MathF.Pow(y - (mask * 37 % 256), 2) + MathF.Pow(x - (mask * 91 % 256), 2));
        }

        using EmulatedGpu gpu = new();
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        using DeviceBuffer<float> l = gpu.Upload<float>(logits);
        using DeviceBuffer<float> p = gpu.Upload<float>(Pinned.Uniform(90, 1).Values);
        using DeviceBuffer<byte> c = gpu.Upload<byte>([.. Enumerable.Range(0, 30).Select(i => (byte)(i % 19))]);
        using DeviceBuffer<byte> labels = gpu.Context.Allocate<byte>(768 * 768);
        using DeviceBuffer<int> areas = gpu.Context.Allocate<int>(30);
        merge.Run(gpu.Stream, l.Span, p.Span, c.Span, MaskOverlap.Any, new MergedOnDevice(labels.Span, areas.Span));
        gpu.Stream.Synchronise();

        // A tile's window overlaps its neighbours', and 16 taps of a mixed pixel are 16 requests: the first-level cache's work.
        Check(gpu, "mask_merge", (30 * 4 * 65_536) + (768 * 768), 9.3);
    }

    [NvrtcFact]
    public void PointSample_SortedPointsOfAHundredMasks()
    {
        (int planes, int side, int count) = (100, 192, 12_544);
        PointSampleShape shape = new(1, planes, side, side, count);
        float[] at = Pinned.Uniform(2 * count, 1).Values;
        at = [.. at.Chunk(2).OrderBy(point => ((int)((point[1] * side) + 0.5f) * (side + 1)) + (int)((point[0] * side) + 0.5f)).SelectMany(point => point)];
        using EmulatedGpu gpu = new();
        using DeviceBuffer<float> points = gpu.Upload<float>(at);
        using DeviceBuffer<float> input = gpu.Upload<float>(new float[shape.Inputs]);
        using DeviceBuffer<float> samples = gpu.Context.Allocate<float>(shape.Outputs);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Cells + 1);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(count);
        CudaPointSample.Forward(gpu.Kernels, gpu.Stream, shape, input.Span, points.Span, samples.Span);
        CudaPointSample.Backward(gpu.Kernels, gpu.Stream, shape, samples.Span, points.Span, input.Span, first.Span, order.Span);
        gpu.Stream.Synchronise();
        double least = (4.0 * planes * count) + (8 * count) + (4.0 * side * side * planes);

        // Forward: four taps are four requests for the same lines. Backward: a pixel gathers its points' gradients, neighbours the same ones.
        Check(gpu, "point_sample_f32", least, 3.6);
        Check(gpu, "point_sample_backward", least, 5.6);

        // Counts and places of cells are scattered words; the scan reads in order.
        Check(gpu, "point_cells", 12.0 * count, 1.8);
        Check(gpu, "point_scan", 8.0 * shape.Cells, 1.01);
        Check(gpu, "point_fill", 16.0 * count, 1.65);
        Check(gpu, "point_sort", (8.0 * count) + (4 * shape.Cells), 2.3);
    }

    [NvrtcFact]
    public void ScatterAdd_WordsOfSixteenSentences()
    {
        ScatterAddShape shape = new(1, 16 * 77, 4000, 256);
        using EmulatedGpu gpu = new();
        using DeviceBuffer<float> updates = gpu.Upload<float>(new float[shape.Terms]);
        using DeviceBuffer<long> words = gpu.Upload<long>(ScatterAddProblem.Words(shape.Updates, shape.Rows, 1));
        using DeviceBuffer<float> sums = gpu.Context.Allocate<float>(shape.Sums);
        using DeviceBuffer<uint> first = gpu.Context.Allocate<uint>(shape.Lists);
        using DeviceBuffer<uint> order = gpu.Context.Allocate<uint>(shape.Updates);
        CudaScatterAdd.Run(gpu.Kernels, gpu.Stream, shape, updates.Span, words.Span, sums.Span, first.Span, order.Span);
        gpu.Stream.Synchronise();

        // A row's two ends are asked for by each of its two warps, and an update's place by every warp that reads it.
        Check(gpu, "scatter_sum_4", (4.0 * shape.Sums) + (4.0 * shape.Terms), 1.2);

        // Counts and places are scattered words, the padding's one word for most; the sort of the padding's list is the second-level cache's work.
        Check(gpu, "scatter_count", 12.0 * shape.Updates, 1.4);
        Check(gpu, "scatter_scan", 8.0 * shape.Rows, 1.01);
        Check(gpu, "scatter_fill", 16.0 * shape.Updates, 1.7);
        Check(gpu, "scatter_sort", (8.0 * shape.Updates) + (4 * shape.Rows), 25);
    }

    [NvrtcFact]
    public void UncertainPoints_OneMaskLoss()
    {
        (int rows, int count, int keep) = (2, 37_632, 9408);
        using EmulatedGpu gpu = new();
        using DeviceBuffer<float> l = gpu.Upload<float>(Pinned.Normal(rows * count, 1).Values);
        using DeviceBuffer<float> c = gpu.Upload<float>(Pinned.Uniform(2 * rows * count, 2).Values);
        using DeviceBuffer<float> p = gpu.Context.Allocate<float>(2L * rows * keep);
        CudaUncertainPoints.Run(gpu.Kernels, gpu.Stream, l.Span, c.Span, p.Span, rows, count, keep);
        gpu.Stream.Synchronise();

        // The logits are read four times, three times of these from the second-level cache.
        Check(gpu, "uncertain_points", rows * ((12.0 * count) + (8 * keep)), 1.9);
    }

    [NvrtcFact]
    public void SemanticInference_QuarterCrop()
    {
        SemanticShape shape = new(20, 19, 96, 96, 384, 384, 384, 384);
        using EmulatedGpu gpu = new();
        using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
        using DeviceBuffer<float> p = gpu.Upload<float>(Pinned.Uniform(20 * 19, 1).Values);
        using DeviceBuffer<float> m = gpu.Upload<float>(Pinned.Normal(20 * 96 * 96, 2).Values);
        using DeviceBuffer<ushort> l = gpu.Context.Allocate<ushort>(384 * 384);
        inference.Run(gpu.Stream, p.Span, m.Span, l.Span);
        gpu.Stream.Synchronise();

        // Four taps a pixel and query, of which sixteen pixels share each: the first-level cache's work, and bound by arithmetic.
        Check(gpu, "semantic_inference", (4.0 * 20 * 96 * 96) + (2 * 384 * 384), 33);
    }

    [NvrtcFact]
    public void ComponentPoints_Street()
    {
        byte[] map = ClassMaps.Make("rough", 512, 1024);
        using EmulatedGpu gpu = new();
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, 512, 1024, new ComponentRule(LargerThan: 500));
        components.Run(gpu.Stream, classes.Span);
        Component[] table = components.Read(gpu.Stream)[0];
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(10L * table.Length);
        using DeviceBuffer<int> counts = gpu.Context.Allocate<int>(table.Length);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, components, 0, table.Length, 5, 77, 3, points.Span, counts.Span);
        gpu.Stream.Synchronise();

        // A candidate is three dependent words anywhere in the map, a sector each; a round of 32 candidates is tried where five would do.
        Check(gpu, "component_points", table.Sum(row => 28 + 40 + (12 * 5.0 * row.Width * row.Height / row.Area)), 23);
    }

    private void Check(EmulatedGpu gpu, string kernel, double least, double factor)
    {
        long counted = gpu.Count(kernel).SectorBytes;
        output.WriteLine(
            $"{kernel}: {counted} bytes counted, {least:F0} at least, {counted / least:F2} times; {gpu.Count(kernel).WarpInstructions} warp instructions");
        Assert.InRange(counted / least, 1, factor);
    }
}
