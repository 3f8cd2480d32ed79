using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="ScatterAdd"/> on a GPU; kernels/scatter_add.cu.</summary>
public static class CudaScatterAdd
{
    private const string File = "scatter_add.cu";
    private const int Threads = 256;
    private const int Lanes = 32;

    /// <summary>Sums by row, overwritten. A row's updates are taken one after the other, so a crowded row makes it slow, not wrong.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="updates">[B, K, D].</param>
    /// <param name="indices">[B, K] in -R..R-1; the update of an index outside is left out.</param>
    /// <param name="sums">[B, R, D].</param>
    /// <param name="first">Scratch of <see cref="ScatterAddShape.Lists"/>.</param>
    /// <param name="order">Scratch of B·K.</param>
    public static void Run(
        CudaKernels kernels, CudaStream stream, ScatterAddShape shape, DeviceSpan<float> updates, DeviceSpan<long> indices, DeviceSpan<float> sums,
        DeviceSpan<uint> first, DeviceSpan<uint> order)
    {
        Check(shape, updates, indices, sums, first, order);
        SortByRow(kernels, stream, shape, indices, first, order);
        bool four = IsFour(shape, updates, sums);
        (LaunchPlan plan, int width, int shift) = Sum(shape, four);
        KernelArguments arguments = default;
        arguments.Add(updates);
        arguments.Add(first);
        arguments.Add(order);
        arguments.Add(sums);
        arguments.Add((uint)shape.Updates);
        arguments.Add((uint)shape.Rows);
        arguments.Add((uint)width);
        arguments.Add((uint)shift);
        stream.Launch(kernels[File, four ? "scatter_sum_4" : "scatter_sum"], plan, ref arguments);
    }

    /// <summary>Sizes of the launches by update, by block and by row.</summary>
    public static (LaunchPlan Updates, LaunchPlan Scan, LaunchPlan Rows) Plan(ScatterAddShape shape) => (
        new LaunchPlan(LaunchPlan.Cover(shape.Updates, Threads), Threads, (uint)shape.Blocks),
        new LaunchPlan((uint)shape.Blocks, 1024),
        new LaunchPlan(LaunchPlan.Cover(shape.Rows, Threads), Threads, (uint)shape.Blocks));

    /// <summary>The launch that adds up: its size, vectors a row, and the logarithm of the lanes that share a row.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="four">Vectors of four floats.</param>
    public static (LaunchPlan Plan, int Width, int Shift) Sum(ScatterAddShape shape, bool four)
    {
        int width = four ? shape.Width / 4 : shape.Width;
        int shift = int.Log2(Lanes);
        while (shift > 0 && (1 << (shift - 1)) >= width)
        {
            shift--;
        }

        return (new LaunchPlan(LaunchPlan.Cover(shape.Rows, Threads >> shift), Threads, LaunchPlan.Cover(width, 1 << shift), (uint)shape.Blocks), width, shift);
    }

    private static bool IsFour(ScatterAddShape shape, DeviceSpan<float> updates, DeviceSpan<float> sums)
        => shape.Width % 4 == 0 && (updates.Address | sums.Address) % 16 == 0;

    private static void Check(
        ScatterAddShape shape, DeviceSpan<float> updates, DeviceSpan<long> indices, DeviceSpan<float> sums, DeviceSpan<uint> first, DeviceSpan<uint> order)
    {
        KernelCheck.Length(updates.Length, shape.Terms, "updates", "B·K·D");
        KernelCheck.Length(indices.Length, (long)shape.Blocks * shape.Updates, "indices", "B·K");
        KernelCheck.Length(sums.Length, shape.Sums, "sums", "B·R·D");
        KernelCheck.Length(first.Length, shape.Lists, "list scratch", "B·(R + 1)");
        KernelCheck.Length(order.Length, indices.Length, "order scratch", "B·K");
        KernelCheck.That(shape.Blocks <= 65_535 && shape.Width <= 65_535 * Lanes, "scatter add", $"{shape} is too large");
    }

    private static void SortByRow(
        CudaKernels kernels, CudaStream stream, ScatterAddShape shape, DeviceSpan<long> indices, DeviceSpan<uint> first, DeviceSpan<uint> order)
    {
        (LaunchPlan updates, LaunchPlan scan, LaunchPlan rows) = Plan(shape);
        (uint count, uint lists) = ((uint)shape.Updates, (uint)shape.Rows);
        stream.Fill(first);
        KernelArguments counting = default;
        counting.Add(indices);
        counting.Add(first);
        counting.Add(count);
        counting.Add(lists);
        stream.Launch(kernels[File, "scatter_count"], updates, ref counting);
        KernelArguments ends = default;
        ends.Add(first);
        ends.Add(lists);
        stream.Launch(kernels[File, "scatter_scan"], scan, ref ends);
        KernelArguments fill = default;
        fill.Add(indices);
        fill.Add(first);
        fill.Add(order);
        fill.Add(count);
        fill.Add(lists);
        stream.Launch(kernels[File, "scatter_fill"], updates, ref fill);
        KernelArguments sort = default;
        sort.Add(first);
        sort.Add(order);
        sort.Add(count);
        sort.Add(lists);
        stream.Launch(kernels[File, "scatter_sort"], rows, ref sort);
    }
}
