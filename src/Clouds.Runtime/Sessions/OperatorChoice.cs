using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>Chooses what computes the operators of domain "clouds" in a session.</summary>
internal static class OperatorChoice
{
    /// <summary>For a session of the processor's provider.</summary>
    /// <param name="options">Options of the session.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="gpu">GPU whose kernels are used, tensors being copied there and back at every call; null = the processor's own.</param>
    /// <param name="deterministic">The GPU's kernels give the same bits in every run.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: the kernels of the GPU cannot be made.</exception>
    public static void OnProcessor(SessionOptions options, SessionSettings settings, Gpu? gpu, bool deterministic = true)
    {
        if (settings.StandardOnly)
        {
            return;
        }

        if (!settings.UseCustomOps)
        {
            CloudsOps.RegisterAssignment(options);
        }
        else if (gpu is not null)
        {
            CloudsOps.RegisterOnGpu(options, gpu, staged: true, deterministic);
        }
        else
        {
            CloudsOps.Register(options);
        }
    }

    /// <summary>For a session of the CUDA provider. A missing compiler or kernel fails it only where kernels are required: the lowerings need none.</summary>
    /// <returns>Why lowerings run although our kernels were wanted; null where they were not, or run.</returns>
    public static string? OnCuda(SessionOptions options, SessionSettings settings, Gpu gpu, bool required = false, bool deterministic = true)
    {
        if (settings.StandardOnly)
        {
            return null;
        }

        string? reason = null;
        if (settings.UseCustomOps)
        {
            try
            {
                CloudsOps.RegisterOnGpu(options, gpu, staged: false, deterministic);
                return null;
            }
            catch (CloudsException failure) when (!required)
            {
                reason = Device.Sentence(failure);
            }
        }

        CloudsOps.RegisterAssignment(options);
        return reason;
    }
}
