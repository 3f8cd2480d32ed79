using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="UncertainPoints"/> on a GPU; kernels/uncertain_points.cu.</summary>
public static class CudaUncertainPoints
{
    private const int Threads = 512;

    /// <summary>Keeps the candidates a mask is least sure of.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="logits">[rows, count].</param>
    /// <param name="candidates">[rows, count, 2], aligned to 8 bytes.</param>
    /// <param name="points">[rows, keep, 2], aligned to 8 bytes.</param>
    /// <param name="rows">N.</param>
    /// <param name="count">R.</param>
    /// <param name="keep">k, at most R.</param>
    public static void Run(
        CudaKernels kernels, CudaStream stream, DeviceSpan<float> logits, DeviceSpan<float> candidates, DeviceSpan<float> points, int rows, int count, int keep)
    {
        KernelCheck.Length(logits.Length, (long)rows * count, "logits", "N·R");
        KernelCheck.Length(candidates.Length, 2L * rows * count, "candidates", "N·R·2");
        KernelCheck.Length(points.Length, 2L * rows * keep, "points", "N·k·2");
        KernelCheck.That(keep >= 0 && keep <= count, "uncertain points", $"{keep} of {count} candidates cannot be kept");
        KernelArguments arguments = default;
        arguments.Add(logits);
        arguments.Add(candidates);
        arguments.Add(points);
        arguments.Add((uint)count);
        arguments.Add((uint)keep);
        stream.Launch(kernels["uncertain_points.cu", "uncertain_points"], Plan(rows, keep), ref arguments);
    }

    /// <summary>One block a row; none where nothing is kept.</summary>
    public static LaunchPlan Plan(int rows, int keep) => new(keep == 0 ? 0 : (uint)rows, Threads);
}
