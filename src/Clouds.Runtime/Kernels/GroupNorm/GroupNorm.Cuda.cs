using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="GroupNorm"/> on a GPU; kernels/group_norm.cu.</summary>
public static class CudaGroupNorm
{
    private const string File = "group_norm.cu";
    private const int Threads = 256;
    private const int ChunkPixels = 16 * Threads;
    private const int ChannelThreads = 64;

    // Floats of the scratch for a chunk and for a group.
    private const int Forwards = 2;
    private const int Backwards = 4;

    /// <summary>Floats of scratch of the forward pass.</summary>
    public static long ForwardFloats(GroupNormShape shape) => Forwards * (Chunks(shape) + shape.Units);

    /// <summary>Floats of scratch of the backward pass.</summary>
    public static long BackwardFloats(GroupNormShape shape) => (Backwards * (Chunks(shape) + shape.Units)) + shape.PlaneFloats;

    /// <summary>Normalises.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[N, C, P].</param>
    /// <param name="scale">[C].</param>
    /// <param name="shift">[C].</param>
    /// <param name="y">[N, C, P], overwritten.</param>
    /// <param name="scratch"><see cref="ForwardFloats"/>, aligned to 8 bytes.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Forward(
        CudaKernels kernels, CudaStream stream, GroupNormShape shape, DeviceSpan<float> x, DeviceSpan<float> scale, DeviceSpan<float> shift,
        DeviceSpan<float> y, DeviceSpan<float> scratch, float epsilon)
    {
        Check(shape, x, scale, y, "y");
        KernelCheck.Length(shift.Length, shape.Channels, "shift", "C");
        KernelCheck.Length(scratch.Length, ForwardFloats(shape), "scratch", "2·(N·C·chunks + N·G)");
        (LaunchPlan chunks, LaunchPlan groups, _) = Plan(shape);
        long first = Forwards * Chunks(shape);
        DeviceSpan<float> sums = scratch.Slice(0, first);
        DeviceSpan<float> lines = scratch.Slice(first, scratch.Length - first);
        Launch(kernels, stream, "group_norm_sums", chunks, shape, epsilon, x.Address, sums.Address);
        Launch(kernels, stream, "group_norm_groups", groups, shape, epsilon, sums.Address, lines.Address);
        Launch(kernels, stream, "group_norm", chunks, shape, epsilon,
            x.Address, scale.Address, shift.Address, lines.Address, y.Address);
    }

    /// <summary>Gradients of x, scale and shift.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">[N, C, P].</param>
    /// <param name="x">[N, C, P].</param>
    /// <param name="scale">[C].</param>
    /// <param name="gradients">Overwritten.</param>
    /// <param name="scratch"><see cref="BackwardFloats"/>, aligned to 16 bytes.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Backward(
        CudaKernels kernels, CudaStream stream, GroupNormShape shape, DeviceSpan<float> dY, DeviceSpan<float> x, DeviceSpan<float> scale,
        DeviceNormGradients gradients, DeviceSpan<float> scratch, float epsilon)
    {
        Check(shape, x, scale, gradients.X, "gradient of x");
        KernelCheck.Length(dY.Length, shape.Elements, "gradient of y", "N·C·P");
        KernelCheck.Length(gradients.Scale.Length, shape.Channels, "gradient of the scale", "C");
        KernelCheck.Length(gradients.Shift.Length, shape.Channels, "gradient of the shift", "C");
        KernelCheck.Length(scratch.Length, BackwardFloats(shape), "scratch", "4·(N·C·chunks + N·G) + 2·N·C");
        (LaunchPlan chunks, LaunchPlan groups, LaunchPlan channels) = Plan(shape);
        (long first, long second) = (Backwards * Chunks(shape), Backwards * (Chunks(shape) + shape.Units));
        DeviceSpan<float> sums = scratch.Slice(0, first);
        DeviceSpan<float> lines = scratch.Slice(first, second - first);
        DeviceSpan<float> planes = scratch.Slice(second, shape.PlaneFloats);
        Launch(kernels, stream, "group_norm_backward_sums", chunks, shape, epsilon, x.Address, dY.Address, sums.Address);
        Launch(kernels, stream, "group_norm_backward_groups", groups, shape, epsilon,
            sums.Address, scale.Address, lines.Address, planes.Address);
        Launch(kernels, stream, "group_norm_backward", chunks, shape, epsilon,
            x.Address, dY.Address, scale.Address, lines.Address, gradients.X.Address);
        Launch(kernels, stream, "group_norm_channels", channels, shape, epsilon,
            planes.Address, gradients.Scale.Address, gradients.Shift.Address);
    }

    /// <summary>The launches by chunk, by group and by channel.</summary>
    public static (LaunchPlan Chunks, LaunchPlan Groups, LaunchPlan Channels) Plan(GroupNormShape shape) => (
        new LaunchPlan(checked((uint)Chunks(shape)), Threads),
        new LaunchPlan((uint)shape.Units, 32),
        new LaunchPlan(LaunchPlan.Cover(shape.Channels, ChannelThreads), ChannelThreads));

    private static long Chunks(GroupNormShape shape) => shape.Planes * (long)LaunchPlan.Cover(shape.Pixels, ChunkPixels);

    private static void Check(GroupNormShape shape, DeviceSpan<float> x, DeviceSpan<float> scale, DeviceSpan<float> output, string name)
    {
        KernelCheck.Length(x.Length, shape.Elements, "x", "N·C·P");
        KernelCheck.Length(scale.Length, shape.Channels, "scale", "C");
        KernelCheck.Length(output.Length, shape.Elements, name, "N·C·P");
    }

    private static void Launch(
        CudaKernels kernels, CudaStream stream, string entry, LaunchPlan plan, GroupNormShape shape, float epsilon, params ReadOnlySpan<ulong> memory)
    {
        KernelArguments arguments = default;
        arguments.Add(new Sizes(shape.Images, shape.Channels, shape.ChannelsOfGroup, shape.Pixels, (int)LaunchPlan.Cover(shape.Pixels, ChunkPixels), epsilon));
        foreach (ulong address in memory)
        {
            arguments.Add(address);
        }

        stream.Launch(kernels[File, entry], plan, ref arguments);
    }

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct Sizes(int Images, int Channels, int ChannelsOfGroup, int Pixels, int Chunks, float Epsilon);
}
