using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>Settings under the names and in the words of ONNX Runtime's CUDA provider.</summary>
internal static class CudaProviderOptions
{
    /// <summary>The options of one session, all at once: what a second call leaves out would go back to the provider's defaults.</summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="ordinal">Number of the GPU, from 0.</param>
    /// <param name="stream">Handle of the stream to compute on, which outlives the session; 0: one of the provider's own.</param>
    public static Dictionary<string, string> Of(CudaSettings settings, int ordinal, nint stream = 0)
    {
        Dictionary<string, string> options = new()
        {
            ["device_id"] = Text(ordinal),
            ["use_tf32"] = settings.Precision == CudaPrecision.Tf32 ? "1" : "0",
            ["cudnn_conv_algo_search"] = Word(settings.ConvolutionSearch),
            ["arena_extend_strategy"] = Word(settings.ArenaGrowth),
        };
        if (settings.MemoryLimit > 0)
        {
            options["gpu_mem_limit"] = Text((ulong)(settings.MemoryLimit * (1L << 30)));
        }

        if (stream != 0)
        {
            options["has_user_compute_stream"] = "1";
            options["user_compute_stream"] = Text((ulong)stream);
        }

        return options;
    }

    private static string Word(ConvolutionSearch search) => search switch
    {
        ConvolutionSearch.Heuristic => "HEURISTIC",
        ConvolutionSearch.Exhaustive => "EXHAUSTIVE",
        ConvolutionSearch.Default => "DEFAULT",
        _ => throw Unknown(search),
    };

    private static string Word(ArenaGrowth growth) => growth switch
    {
        ArenaGrowth.NextPowerOfTwo => "kNextPowerOfTwo",
        ArenaGrowth.SameAsRequested => "kSameAsRequested",
        _ => throw Unknown(growth),
    };

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static CloudsException Unknown(Enum choice)
        => new(Failure.Internal, "a setting of the CUDA provider is unknown", choice.GetType().Name, choice.ToString());
}
