using Clouds.Diagnostics;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Microsoft.ML.OnnxRuntime;
using OrtApi = Clouds.Runtime.CustomOps.OrtApi;

namespace Clouds.Runtime.Sessions;

/// <summary>Makes the sessions of devices; the one place that chooses an execution provider.</summary>
internal static class SessionFactory
{
    /// <summary>As <see cref="Device.CreateSession"/>.</summary>
    public static GraphSession Create(Device device, byte[] model, SessionSettings settings) =>
        Create(device, options => settings.Weights?.Open(model, options) ?? new InferenceSession(model, options), "model in memory", settings);

    /// <summary>As <see cref="Device.OpenSession"/>.</summary>
    public static GraphSession Open(Device device, string path, SessionSettings settings) => File.Exists(path)
        ? Create(device, options => new InferenceSession(path, options), path, settings)
        : throw new CloudsException(Failure.BadInput, "model file does not exist", path);

    /// <summary>Whether ONNX Runtime has the CUDA provider.</summary>
    public static bool HasCuda => OrtEnvironment.Instance.GetAvailableProviders().Contains(ProviderKernel.Provider);

    /// <summary>Refuses an ONNX Runtime without the CUDA provider; that it is there says nothing about the libraries it wants.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>.</exception>
    public static void RequireCuda()
    {
        if (!HasCuda)
        {
            throw new CloudsException(Failure.Device, "ONNX Runtime is built without CUDA here", null,
                string.Join(", ", OrtEnvironment.Instance.GetAvailableProviders()), ProviderKernel.Provider,
                "take the CUDA form of the program, which README.md describes, or run with ComputeDevice.Cpu");
        }
    }

    private static GraphSession Create(Device device, Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings)
    {
        using SessionOptions options = Options(settings);
        return device.Name.Kind == DeviceKind.Cuda ? OnCuda(device, options, open, where, settings) : OnProcessor(device, options, open, where, settings);
    }

    private static GraphSession OnProcessor(
        Device device, SessionOptions options, Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings)
    {
        OperatorChoice.OnProcessor(options, settings, device.Gpu, device.Cuda.Deterministic);
        settings.Weights?.ShareInto(options);
        try
        {
            return new GraphSession(open(options), where, device);
        }
        catch (Exception failure) when (failure is OnnxRuntimeException)
        {
            throw new CloudsException(Failure.BadInput, "ONNX Runtime refuses the model", where, found: failure.Message, inner: failure);
        }
    }

    private static GraphSession OnCuda(
        Device device, SessionOptions options, Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings)
    {
        CudaLibraries.Machine.Require();
        try
        {
            // Appending loads the provider's libraries; only making a session touches the device.
            using (OrtCUDAProviderOptions cuda = new())
            {
                cuda.UpdateOptions(CudaProviderOptions.Of(device.Cuda, device.Name.Ordinal, device.Gpu!.Stream.Handle));
                options.AppendExecutionProvider_CUDA(cuda);
            }

            if (device.Cuda.Deterministic)
            {
                OrtApi.RequireDeterminism(options);
            }

            if (OperatorChoice.OnCuda(options, settings, device.Gpu!, device.RequiresKernels, device.Cuda.Deterministic) is string reason)
            {
                device.Tell($"CUDA runs standard operators in the place of our kernels: {reason}");
            }

            settings.Weights?.ShareInto(options, device.Gpu!);
            return new GraphSession(open(options), where, device);
        }
        catch (Exception failure) when (failure is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw new CloudsException(Failure.Device, "CUDA does not work here", device.ToString(), found: OrtMessage.Plain(failure.Message),
                next: "use ComputeDevice.Cpu, or ComputeDevice.Auto to fall back by itself", inner: failure);
        }
    }

    private static SessionOptions Options(SessionSettings settings)
    {
        _ = OrtEnvironment.Instance;
        SessionOptions options = new()
        {
            EnableMemoryPattern = settings.MemoryPattern,
            EnableCpuMemArena = settings.MemoryArena,
            IntraOpNumThreads = settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtEnvironment.LogLevel,
            GraphOptimizationLevel = settings.Optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };

        // Spinning would burn the processors while C# code works between two runs.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        settings.Weights?.MapInto(options);
        return options;
    }
}
