using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Cli.Diagnosis;

/// <summary>NVIDIA driver, GPUs and run-time compiler, each tried; with all of them there, a kernel is compiled and run on every GPU.</summary>
internal sealed class CudaCheck : IMachineCheck
{
    private const string Optional = "needed for --device cuda only";

    public IEnumerable<Finding> Examine()
    {
        CudaFacts facts = CudaFacts.Collect();
        if (facts.Driver is not null)
        {
            yield return new Finding("NVIDIA driver", FindingState.Good, facts.Driver);
            if (facts.DriverVersion < 1000 * CudaLibrary.CudaVersion)
            {
                yield return OlderThanTheProvider(facts.DriverVersion);
            }
        }
        else if (facts.DriverFailure is { } failure)
        {
            yield return Failed("NVIDIA driver", facts.DriverIsThere, failure);
        }

        foreach ((int ordinal, GpuFacts gpu) in facts.Gpus.Index())
        {
            yield return new Finding($"GPU {ordinal}", FindingState.Good, Describe(gpu));
            if (gpu.Architecture < CudaLibrary.FirstArchitecture)
            {
                yield return OlderThanTheProvider(ordinal, gpu.Architecture);
            }
        }

        yield return facts.CompilerFailure is { } missing
            ? Failed("NVRTC", facts.Gpus.Count > 0, missing)
            : new Finding("NVRTC", FindingState.Good, facts.Compiler ?? "");
        foreach ((int ordinal, GpuFacts gpu) in facts.Compiler is null ? [] : facts.Gpus.Index())
        {
            string subject = ordinal == 0 ? "GPU kernels" : $"GPU kernels, cuda:{ordinal}";
            yield return gpu.KernelFailure is { } fault
                ? Failed(subject, isThere: true, fault)
                : new Finding(subject, FindingState.Good, $"one was compiled, ran on GPU {ordinal} and gave the processor's bits");
        }
    }

    private static Finding OlderThanTheProvider(int version) => new(
        "CUDA of the driver", FindingState.Warning,
        $"the driver knows CUDA {CudaDriver.VersionText(version)}; ONNX Runtime's provider is built for CUDA {CudaLibrary.CudaVersion}",
        $"for networks on the GPU install driver {CudaLibrary.FirstDriver} or newer (Ubuntu's nvidia-driver-{CudaLibrary.FirstDriver}, or cuda-drivers of "
        + $"NVIDIA's repository) and then {CudaLibraries.PipCommand}; libraries of older CUDA versions may stay beside them. Our kernels run as it is.");

    private static Finding OlderThanTheProvider(int ordinal, int architecture) => new(
        $"GPU {ordinal} and networks", FindingState.Warning,
        $"sm_{architecture}; ONNX Runtime's provider has code for sm_{CudaLibrary.FirstArchitecture} and newer",
        "networks need --device cpu or another GPU; our kernels run on this one");

    // What nobody installed is no fault; what is installed and does not work is worth a warning.
    private static Finding Failed(string subject, bool isThere, CloudsException failure)
    {
        string[] details = [.. (failure.Found ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            .. isThere && failure.Where is not null ? [failure.Where] : Array.Empty<string>()];
        string found = $"{failure.What}: {string.Join("; ", details)}";
        return new Finding(subject, isThere ? FindingState.Warning : FindingState.Absent, found, isThere ? failure.Next : $"{Optional}: {failure.Next}");
    }

    private static string Describe(GpuFacts gpu)
    {
        const double Giga = 1 << 30;
        return string.Create(CultureInfo.InvariantCulture,
            $"{gpu.Name}, sm_{gpu.Architecture}, {gpu.Multiprocessors} multiprocessors, {gpu.FreeMemory / Giga:0.0} of {gpu.TotalMemory / Giga:0.0} GiB free");
    }
}
