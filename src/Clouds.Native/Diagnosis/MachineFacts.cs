using Clouds.Native.Images;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Diagnosis;

/// <summary>What this machine's native libraries are and can do, found out by using them.</summary>
/// <param name="OnnxRuntimeVersion">For instance 1.31.0.</param>
/// <param name="Providers">Execution providers that ONNX Runtime was built with; not all need work.</param>
/// <param name="ProcessorReason">Why a small graph does not run on the processor; null where it does.</param>
/// <param name="CudaReason">Why a small graph does not run on the first GPU; null where it does.</param>
public sealed record MachineFacts(string OnnxRuntimeVersion, IReadOnlyList<string> Providers, string? ProcessorReason, string? CudaReason)
{
    /// <summary>Tries everything; about 50 ms, more where CUDA starts.</summary>
    /// <exception cref="Graph.Diagnostics.CloudsException">Device: ONNX Runtime cannot be loaded.</exception>
    public static MachineFacts Collect()
    {
        RuntimeFacts facts = RuntimeFacts.Collect();
        return new MachineFacts(facts.OnnxRuntimeVersion, facts.Providers, facts.CpuReason, facts.CudaReason);
    }

    /// <summary>Encodes and decodes a small image.</summary>
    /// <exception cref="Graph.Diagnostics.CloudsException">Device: libvips cannot be loaded.</exception>
    public static bool ImagesWork()
    {
        RgbImage image = new(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        return ImageFile.Decode(ImageFile.EncodePng(image), "an image in memory").Pixels.AsSpan().SequenceEqual(image.Pixels);
    }
}
