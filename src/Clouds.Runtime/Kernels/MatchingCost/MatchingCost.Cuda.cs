using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Inputs of a matching in device memory; borrowed. Shapes as in <see cref="MatchingInputs"/>.</summary>
public readonly ref struct DeviceMatching
{
    /// <summary>[N, Q, K].</summary>
    public required DeviceSpan<float> ClassLogits { get; init; }

    /// <summary>[N, Q, h, w].</summary>
    public required DeviceSpan<float> MaskLogits { get; init; }

    /// <summary>[N, T].</summary>
    public required DeviceSpan<long> Labels { get; init; }

    /// <summary>[N, T, H, W].</summary>
    public required DeviceSpan<byte> Masks { get; init; }

    /// <summary>[N, T].</summary>
    public required DeviceSpan<float> Valid { get; init; }

    /// <summary>[N, P, 2]; aligned to 8 bytes.</summary>
    public required DeviceSpan<float> Points { get; init; }
}

/// <summary><see cref="MatchingCost"/> on a GPU; kernels/matching_cost.cu.</summary>
public static class CudaMatchingCost
{
    private const string File = "matching_cost.cu";
    private const int CostThreads = 128;

    /// <summary>Launch sizes: sums over chunks of points, then the cost.</summary>
    public static (LaunchPlan Sums, LaunchPlan Cost) Plan(MatchingShape shape) => (
        new LaunchPlan((uint)shape.Chunks, MatchingShape.Chunk, (uint)shape.Images),
        new LaunchPlan(LaunchPlan.Cover((long)shape.Queries * shape.Targets, CostThreads), CostThreads, (uint)shape.Images));

    /// <summary>Floats of scratch.</summary>
    public static long ScratchFloats(MatchingShape shape) => (long)shape.Images * shape.Chunks * ((shape.Queries * ((2L * shape.Targets) + 2)) + shape.Targets);

    /// <summary>Both launches.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Of the three parts.</param>
    /// <param name="inputs">Inputs.</param>
    /// <param name="scratch"><see cref="ScratchFloats"/> floats.</param>
    /// <param name="cost">[N, Q, T], overwritten.</param>
    public static void Run(CudaKernels kernels, CudaStream stream, MatchingShape shape,
        MatchingWeights weights, DeviceMatching inputs, DeviceSpan<float> scratch, DeviceSpan<float> cost)
    {
        Check(shape, inputs);
        KernelCheck.Length(scratch.Length, ScratchFloats(shape), "scratch", "N·C·(Q·(2·T + 2) + T)");
        KernelCheck.Length(cost.Length, shape.Costs, "cost", "N·Q·T");
        (LaunchPlan sumsPlan, LaunchPlan costPlan) = Plan(shape);
        MatchingSizes sizes = new(shape.Queries, shape.Targets, shape.Classes, shape.Height, shape.Width, shape.MaskHeight, shape.MaskWidth, shape.Points);
        KernelArguments sums = default;
        sums.Add(sizes);
        sums.Add(inputs.MaskLogits);
        sums.Add(inputs.Masks);
        sums.Add(inputs.Points);
        sums.Add(inputs.Valid);
        sums.Add(scratch);
        stream.Launch(kernels[File, "matching_sums"], sumsPlan, ref sums);
        KernelArguments last = default;
        last.Add(sizes);
        last.Add(weights);
        last.Add(shape.Chunks);
        last.Add(inputs.ClassLogits);
        last.Add(inputs.Labels);
        last.Add(inputs.Valid);
        last.Add(scratch);
        last.Add(cost);
        stream.Launch(kernels[File, "matching_cost"], costPlan, ref last);
    }

    private static void Check(MatchingShape shape, DeviceMatching inputs)
    {
        KernelCheck.Length(inputs.ClassLogits.Length, (long)shape.Images * shape.Queries * shape.Classes, "class logits", "N·Q·K");
        KernelCheck.Length(inputs.MaskLogits.Length, (long)shape.Images * shape.Queries * shape.Height * shape.Width, "mask logits", "N·Q·h·w");
        KernelCheck.Length(inputs.Labels.Length, (long)shape.Images * shape.Targets, "labels", "N·T");
        KernelCheck.Length(inputs.Masks.Length, (long)shape.Images * shape.Targets * shape.MaskHeight * shape.MaskWidth, "target masks", "N·T·H·W");
        KernelCheck.Length(inputs.Valid.Length, (long)shape.Images * shape.Targets, "valid", "N·T");
        KernelCheck.Length(inputs.Points.Length, 2L * shape.Images * shape.Points, "points", "N·P·2");
        KernelCheck.That(shape.Points > 0 && shape.Classes > 0 && shape.Images <= 65_535, "matching cost", $"sizes are out of range: {shape}");
        KernelCheck.That((long)shape.Height * shape.Width < int.MaxValue && (long)shape.MaskHeight * shape.MaskWidth < int.MaxValue
            && (long)shape.Queries * shape.Targets < int.MaxValue, "matching cost", $"{shape} is too large");
    }

    /// <summary>The kernels' parameter of the same fields.</summary>
    private readonly record struct MatchingSizes(int Queries, int Targets, int Classes, int Height, int Width, int MaskHeight, int MaskWidth, int Points);
}
