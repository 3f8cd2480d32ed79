using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Cli.Diagnosis;

/// <summary>Processor, cores and the widest SIMD instructions that .NET uses.</summary>
internal sealed class ProcessorCheck : IMachineCheck
{
    private const string CpuInfo = "/proc/cpuinfo";

    public IEnumerable<Finding> Examine()
    {
        yield return new Finding("processor", FindingState.Good, Model());
        yield return new Finding("cores", FindingState.Good, $"{Environment.ProcessorCount} usable by this process");
        yield return Avx2.IsSupported && Fma.IsSupported
            ? new Finding("SIMD", FindingState.Good, Level())
            : new Finding("SIMD", FindingState.Warning, Level(), "everything works, several times slower than with AVX2 and FMA");
    }

    private static string Level()
    {
        string name = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "SSE";
        return $"{name}{(Fma.IsSupported ? " and FMA" : "")}, {Width()} bits in use";
    }

    private static int Width() => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 64;

    private static string Model()
    {
        string? line = File.Exists(CpuInfo) ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
