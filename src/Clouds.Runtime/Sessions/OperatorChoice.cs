using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>Chooses what computes the operators of domain "clouds" in a session.</summary>
internal static class OperatorChoice
{
    /// <summary>For a session of the processor's provider.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: the kernels of the settings' GPU cannot be made.</exception>
    public static void OnProcessor(SessionOptions options, SessionSettings settings)
    {
        if (!settings.UseCustomOps)
        {
            CloudsOps.RegisterAssignment(options);
        }
        else if (settings.Gpu is Gpu gpu)
        {
            CloudsOps.RegisterOnGpu(options, gpu, staged: true);
        }
        else
        {
            CloudsOps.Register(options);
        }
    }

    /// <summary>For a session of the CUDA provider. A missing driver, compiler or kernel never fails it: the lowerings need none.</summary>
    /// <returns>Why lowerings run although our kernels were wanted; null where they were not, or run.</returns>
    public static string? OnCuda(SessionOptions options, SessionSettings settings, int ordinal)
    {
        string? reason = null;
        if (settings.UseCustomOps)
        {
            try
            {
                CloudsOps.RegisterOnGpu(options, settings.Gpu ?? Gpu.Shared(ordinal), staged: false);
                return null;
            }
            catch (CloudsException failure)
            {
                reason = failure.Where is null || failure.What.Contains(failure.Where, StringComparison.Ordinal)
                    ? failure.What
                    : $"{failure.What} ({failure.Where})";
            }
        }

        CloudsOps.RegisterAssignment(options);
        return reason;
    }
}
