using Clouds.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// ONNX Runtime as this process has it: it writes no log of its own and reports to nobody. Left alone it keeps an identifier of the machine in the
/// user's home and sends events to its makers.
/// </summary>
internal static class OrtEnvironment
{
    /// <summary>Environment variable that lets ONNX Runtime write its log to the error stream.</summary>
    public const string LogVariable = "CLOUDS_ORT_LOG";

    private static readonly Lazy<OrtEnv> Made = new(Make);

    /// <summary>To be asked before any other class of ONNX Runtime's; where the host program has made one, it is that one.</summary>
    public static OrtEnv Instance => Made.Value;

    /// <summary>What may be logged.</summary>
    public static OrtLoggingLevel LogLevel => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LogVariable))
        ? OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL
        : OrtLoggingLevel.ORT_LOGGING_LEVEL_INFO;

    private static OrtEnv Make()
    {
        // A choice of the user's stays.
        NativeVariables.SetWhereAbsent("ORT_DISABLE_TELEMETRY", "1");
        if (OrtEnv.IsCreated)
        {
            return OrtEnv.Instance();
        }

        EnvironmentCreationOptions options = new() { logId = "clouds", logLevel = LogLevel };
        return OrtEnv.CreateInstanceWithOptions(ref options);
    }
}
