using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="PointSample"/> on a GPU; kernels/point_sample.cu.</summary>
public static class CudaPointSample
{
    private const string File = "point_sample.cu";
    private const int Threads = 256;
    private const int PlanesPerThread = 8;

    /// <summary>Samples.</summary>
    /// <typeparam name="T">float or byte; bytes are sampled as 0..255.</typeparam>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="points">[N, P, 2] as (x, y) in 0..1.</param>
    /// <param name="output">[N, C, P].</param>
    public static void Forward<T>(
        CudaKernels kernels, CudaStream stream, PointSampleShape shape, DeviceSpan<T> input, DeviceSpan<float> points, DeviceSpan<float> output)
        where T : unmanaged
    {
        KernelCheck.Length(input.Length, shape.Inputs, "input", "N·C·H·W");
        Check(shape, points.Length, output.Length);
        KernelArguments arguments = default;
        arguments.Add(input);
        arguments.Add(points);
        arguments.Add(output);
        arguments.Add(shape.Channels);
        arguments.Add(shape.Height);
        arguments.Add(shape.Width);
        arguments.Add((uint)shape.Points);
        stream.Launch(kernels[File, typeof(T) == typeof(byte) ? "point_sample_u8" : "point_sample_f32"], Plan(shape).Forward, ref arguments);
    }

    /// <summary>
    /// Gradient of the input, overwritten. A pixel's thread takes the points of its four cells one after the other, so crowded points make it slow,
    /// not wrong.
    /// </summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="dOutput">[N, C, P].</param>
    /// <param name="points">[N, P, 2].</param>
    /// <param name="dInput">[N, C, H, W].</param>
    /// <param name="first">Scratch of N·(cells + 1).</param>
    /// <param name="order">Scratch of N·P.</param>
    public static void Backward(CudaKernels kernels, CudaStream stream, PointSampleShape shape, DeviceSpan<float> dOutput,
        DeviceSpan<float> points, DeviceSpan<float> dInput, DeviceSpan<uint> first, DeviceSpan<uint> order)
    {
        KernelCheck.Length(dInput.Length, shape.Inputs, "gradient of the input", "N·C·H·W");
        KernelCheck.Length(first.Length, shape.Images * (shape.Cells + 1), "cell scratch", "N·(cells + 1)");
        KernelCheck.Length(order.Length, (long)shape.Images * shape.Points, "order scratch", "N·P");
        Check(shape, points.Length, dOutput.Length);
        SortByCell(kernels, stream, shape, points, first, order);
        KernelArguments arguments = default;
        arguments.Add(dOutput);
        arguments.Add(points);
        arguments.Add(first);
        arguments.Add(order);
        arguments.Add(dInput);
        arguments.Add(shape.Channels);
        arguments.Add(shape.Height);
        arguments.Add(shape.Width);
        arguments.Add((uint)shape.Points);
        stream.Launch(kernels[File, "point_sample_backward"], Plan(shape).Backward, ref arguments);
    }

    /// <summary>Sizes of all launches.</summary>
    public static (LaunchPlan Forward, LaunchPlan Points, LaunchPlan Scan, LaunchPlan Cells, LaunchPlan Backward) Plan(PointSampleShape shape)
    {
        uint images = (uint)shape.Images;
        uint blocks = LaunchPlan.Cover(shape.Points, Threads);
        return (
            new LaunchPlan(blocks, Threads, LaunchPlan.Cover(shape.Channels, PlanesPerThread), images),
            new LaunchPlan(blocks, Threads, images),
            new LaunchPlan(images, 1024),
            new LaunchPlan(LaunchPlan.Cover(shape.Cells, Threads), Threads, images),
            new LaunchPlan(LaunchPlan.Cover((long)shape.Height * shape.Width, Threads), Threads, LaunchPlan.Cover(shape.Channels, PlanesPerThread), images));
    }

    private static void Check(PointSampleShape shape, long points, long output)
    {
        KernelCheck.Length(points, shape.Coordinates, "points", "N·P·2");
        KernelCheck.Length(output, shape.Outputs, "output", "N·C·P");
        KernelCheck.That(
            (long)shape.Height * shape.Width < int.MaxValue && shape.Channels <= 65_535 && shape.Images <= 65_535, "point sample", $"{shape} is too large");
    }

    private static void SortByCell(
        CudaKernels kernels, CudaStream stream, PointSampleShape shape, DeviceSpan<float> points, DeviceSpan<uint> first, DeviceSpan<uint> order)
    {
        (_, LaunchPlan each, LaunchPlan scan, LaunchPlan cells, _) = Plan(shape);
        stream.Fill(first);
        KernelArguments count = default;
        count.Add(points);
        count.Add(first);
        count.Add(shape.Height);
        count.Add(shape.Width);
        count.Add((uint)shape.Points);
        stream.Launch(kernels[File, "point_cells"], each, ref count);
        KernelArguments sum = default;
        sum.Add(first);
        sum.Add((uint)shape.Cells);
        stream.Launch(kernels[File, "point_scan"], scan, ref sum);
        KernelArguments fill = default;
        fill.Add(points);
        fill.Add(first);
        fill.Add(order);
        fill.Add(shape.Height);
        fill.Add(shape.Width);
        fill.Add((uint)shape.Points);
        stream.Launch(kernels[File, "point_fill"], each, ref fill);
        KernelArguments sort = default;
        sort.Add(first);
        sort.Add(order);
        sort.Add((uint)shape.Cells);
        sort.Add((uint)shape.Points);
        stream.Launch(kernels[File, "point_sort"], cells, ref sort);
    }
}
