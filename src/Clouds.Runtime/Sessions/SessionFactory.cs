using Clouds.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>Makes sessions; the one place that chooses an execution provider.</summary>
public static class SessionFactory
{
    /// <summary>Environment variable that lets ONNX Runtime write its log to the error stream.</summary>
    public const string LogVariable = "CLOUDS_ORT_LOG";

    /// <summary>A session of a model in memory (at most 2 GB; larger weights lie in <see cref="SessionSettings.ExternalDataFolder"/>).</summary>
    /// <exception cref="CloudsException">
    /// <see cref="Failure.Device"/>: CUDA was asked for and does not work; <see cref="Failure.BadInput"/>: the model is refused.
    /// </exception>
    public static GraphSession Create(byte[] model, SessionSettings? settings = null)
        => Create(options => new InferenceSession(model, options), "model in memory", settings ?? new SessionSettings());

    /// <summary>A session of a model file; external data is looked for beside it.</summary>
    /// <exception cref="CloudsException">As above; <see cref="Failure.BadInput"/> also where the file is missing.</exception>
    public static GraphSession Open(string path, SessionSettings? settings = null)
    {
        return File.Exists(path)
            ? Create(options => new InferenceSession(path, options), path, settings ?? new SessionSettings())
            : throw new CloudsException(Failure.BadInput, "model file does not exist", path);
    }

    private static GraphSession Create(Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings)
    {
        string? reason = null;
        if (settings.Device.Kind != DeviceKind.Cpu)
        {
            GraphSession? session = TryCuda(open, where, settings, out reason);
            if (session is not null)
            {
                return session;
            }

            settings.Warn?.Invoke($"CUDA is not used: {reason}");
        }

        return OnCpu(open, where, settings, reason);
    }

    private static GraphSession OnCpu(Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings, string? reason)
    {
        using SessionOptions options = Options(settings);
        OperatorChoice.OnProcessor(options, settings);
        try
        {
            return new GraphSession(open(options), where, Device.Cpu, reason);
        }
        catch (Exception failure) when (failure is OnnxRuntimeException)
        {
            throw new CloudsException(Failure.BadInput, "ONNX Runtime refuses the model", where, found: failure.Message, inner: failure);
        }
    }

    /// <summary>Null and the reason where CUDA does not work; throws where it was asked for by name.</summary>
    private static GraphSession? TryCuda(Func<SessionOptions, InferenceSession> open, string where, SessionSettings settings, out string? reason)
    {
        Device device = new(DeviceKind.Cuda, settings.Device.Ordinal);
        using SessionOptions options = Options(settings);
        try
        {
            // Appending loads the provider's libraries; only making a session touches the device.
            using (OrtCUDAProviderOptions cuda = new())
            {
                cuda.UpdateOptions(
                    new Dictionary<string, string> { ["device_id"] = device.Ordinal.ToString(System.Globalization.CultureInfo.InvariantCulture) });
                options.AppendExecutionProvider_CUDA(cuda);
            }

            string? kernels = OperatorChoice.OnCuda(options, settings, device.Ordinal);
            GraphSession session = new(open(options), where, device, null);
            if (kernels is not null)
            {
                settings.Warn?.Invoke($"CUDA runs standard operators in the place of our kernels: {kernels}");
            }

            reason = null;
            return session;
        }
        catch (Exception failure) when (failure is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            reason = OrtMessage.Plain(failure.Message);
            return settings.Device.Kind == DeviceKind.Auto
                ? null
                : throw new CloudsException(Failure.Device, "CUDA does not work here", device.ToString(), found: reason,
                    next: "use --device cpu, or --device auto to fall back by itself; 'clouds doctor' tells more", inner: failure);
        }
    }

    private static SessionOptions Options(SessionSettings settings)
    {
        bool log = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LogVariable));
        SessionOptions options = new()
        {
            EnableMemoryPattern = settings.MemoryPattern,
            EnableCpuMemArena = settings.MemoryArena,
            IntraOpNumThreads = settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = log ? OrtLoggingLevel.ORT_LOGGING_LEVEL_INFO : OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = settings.Optimize ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL,
        };

        // Spinning would burn the processors while C# code works between two runs.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        if (settings.ExternalDataFolder is not null)
        {
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", settings.ExternalDataFolder);
        }

        return options;
    }
}
