using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Cli.Diagnosis;

/// <summary>Uses ONNX Runtime and libvips, so that their loading is tried too and not only their files looked for.</summary>
internal sealed class RuntimeCheck : IMachineCheck
{
    public IEnumerable<Finding> Examine()
    {
        RuntimeFacts facts = RuntimeFacts.Collect();
        yield return new Finding("ONNX Runtime", FindingState.Good, $"{facts.OnnxRuntimeVersion}, built with {string.Join(", ", facts.Providers)}");
        foreach (DeviceName device in Device.Names())
        {
            yield return Try(device, facts);
        }

        yield return ImagesWork()
            ? new Finding("images", FindingState.Good, "libvips encodes and decodes")
            : new Finding("images", FindingState.Missing, "libvips changed an image that it stored", "report this");
    }

    private static Finding Try(DeviceName device, RuntimeFacts facts) => (Device.WhyNot(device), device == DeviceName.Cpu) switch
    {
        (null, _) => new Finding($"device {device}", FindingState.Good, "a graph with Conv, MatMul and Softmax gave the numbers of plain loops"),
        (string reason, true) => new Finding($"device {device}", FindingState.Missing, reason, "report this with the lines above"),
        (string reason, false) when facts.HasCuda && CudaDriver.LibraryIsThere => new Finding(
            $"device {device}", FindingState.Warning, reason, "see the lines about CUDA below; where they are all right, send this with --bundle"),
        (string reason, false) => new Finding(
            $"device {device}", FindingState.Absent, reason, $"needed for --device {device} only; README.md says which form of the program has it"),
    };

    private static bool ImagesWork()
    {
        RgbImage image = new(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        return ImageFile.Decode(ImageFile.EncodePng(image), "an image in memory").Pixels.AsSpan().SequenceEqual(image.Pixels);
    }
}
