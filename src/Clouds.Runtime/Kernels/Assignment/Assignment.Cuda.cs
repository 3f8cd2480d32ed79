using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="Assignment"/> on a GPU; kernels/assign.cu.</summary>
public static class CudaAssignment
{
    /// <summary>Matches queries and targets, with the twin's pairs in the twin's order.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="cost">[B, Q, T].</param>
    /// <param name="valid">[B, T].</param>
    /// <param name="queries">[B, T], overwritten.</param>
    /// <param name="targets">[B, T], overwritten.</param>
    /// <param name="matched">[B, T], overwritten.</param>
    public static void Run(
        CudaKernels kernels, CudaStream stream, AssignmentShape shape, DeviceSpan<float> cost, DeviceSpan<float> valid,
        DeviceSpan<long> queries, DeviceSpan<long> targets, DeviceSpan<float> matched)
    {
        KernelCheck.Length(cost.Length, shape.Costs, "cost", "B·Q·T");
        KernelCheck.Length(valid.Length, shape.Slots, "valid", "B·T");
        KernelCheck.Length(queries.Length, shape.Slots, "queries", "B·T");
        KernelCheck.Length(targets.Length, shape.Slots, "targets", "B·T");
        KernelCheck.Length(matched.Length, shape.Slots, "matched", "B·T");
        (LaunchPlan plan, bool staged) = Plan(shape, kernels.Context.MaxSharedBytes);
        KernelCheck.That(plan.SharedBytes <= kernels.Context.MaxSharedBytes, "assignment", $"{shape} is too large");
        KernelArguments arguments = default;
        arguments.Add(new Sizes(shape.Queries, shape.Targets, staged ? 1 : 0));
        arguments.Add(cost);
        arguments.Add(valid);
        arguments.Add(queries);
        arguments.Add(targets);
        arguments.Add(matched);
        stream.Launch(kernels["assign.cu", "assign"], plan, ref arguments);
    }

    /// <summary>A warp a batch item, and whether its cost is copied to shared memory because it fits beside the search.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="maxSharedBytes">Shared memory that a block may have.</param>
    public static (LaunchPlan Plan, bool Staged) Plan(AssignmentShape shape, int maxSharedBytes)
    {
        (long narrow, long wide) = (Math.Min(shape.Queries, shape.Targets), Math.Max(shape.Queries, shape.Targets));
        long search = (sizeof(double) * (narrow + (2 * wide))) + (sizeof(int) * (narrow + (3 * wide) + shape.Targets));
        long whole = search + ((long)sizeof(float) * shape.Queries * shape.Targets);
        bool staged = whole <= maxSharedBytes;
        return (new LaunchPlan((uint)shape.Batch, 32, SharedBytes: checked((uint)(staged ? whole : search))), staged);
    }

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct Sizes(int Queries, int Targets, int Staged);
}
