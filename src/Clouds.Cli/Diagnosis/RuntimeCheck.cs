using Clouds.Native.Images;
using Clouds.Runtime.Sessions;

namespace Clouds.Cli.Diagnosis;

/// <summary>Uses ONNX Runtime and libvips, so that their loading is tried too and not only their files looked for.</summary>
internal sealed class RuntimeCheck : IMachineCheck
{
    public IEnumerable<Finding> Examine()
    {
        RuntimeFacts facts = RuntimeFacts.Collect();
        yield return new Finding("ONNX Runtime", FindingState.Good, $"{facts.OnnxRuntimeVersion}, built with {string.Join(", ", facts.Providers)}");
        yield return facts.CpuReason is null
            ? new Finding("device cpu", FindingState.Good, "a small graph ran")
            : new Finding("device cpu", FindingState.Missing, facts.CpuReason, "report this with the lines above");
        yield return facts.CudaReason is null
            ? new Finding("device cuda", FindingState.Good, "a small graph ran")
            : new Finding(
                "device cuda", FindingState.Absent, facts.CudaReason, "needed for --device cuda only; README.md says which form of the program has it");
        yield return ImagesWork()
            ? new Finding("images", FindingState.Good, "libvips encodes and decodes")
            : new Finding("images", FindingState.Missing, "libvips changed an image that it stored", "report this");
    }

    private static bool ImagesWork()
    {
        RgbImage image = new(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        return ImageFile.Decode(ImageFile.EncodePng(image), "an image in memory").Pixels.AsSpan().SequenceEqual(image.Pixels);
    }
}
