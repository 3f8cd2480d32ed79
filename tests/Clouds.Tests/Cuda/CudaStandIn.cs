using System.Runtime.InteropServices;
using Clouds.Emulator.Driver;
using Clouds.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Cuda;

/// <summary>
/// The stand-ins for the CUDA libraries (tools/README.md) that this process found on its library path. Their counters are the process's, so tests
/// that use them belong to the collection of this name.
/// </summary>
internal static unsafe partial class CudaStandIn
{
    /// <summary>The collection of tests that share the one driver.</summary>
    public const string Collection = "CUDA";

    private const string Driver = "libcuda.so.1";
    private static readonly Lazy<string?> Absent = new(FindReason);

    /// <summary>The folder of the libraries, which ./build.sh test makes and names in this variable.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("CLOUDS_TEST_CUDA");

    /// <summary>What went through the driver since the last <see cref="Reset"/>, and what is open now.</summary>
    public static DriverCounters Counters
    {
        get
        {
            DriverCounters counters;
            Assert.Equal(0, ReadCounters(&counters));
            return counters;
        }
    }

    /// <summary>The first need that is not met, in words; null where all are.</summary>
    public static string? WhyNot(CudaNeeds needs) => Absent.Value
        ?? (needs.HasFlag(CudaNeeds.StandIn) && (Folder is null || !NativeLibrary.TryGetExport(NativeLibrary.Load(Driver), "standin_counters", out _))
            ? "the CUDA libraries here are not the stand-ins that ./build.sh test makes" : null)
        ?? (needs.HasFlag(CudaNeeds.Compiler) ? NvrtcForTests.Absent : null);

    /// <summary>Counts from zero.</summary>
    public static void Reset() => Assert.Equal(0, ResetCounters());

    /// <summary>Lets calls fail, "cuMemAlloc_v2@3=2" for instance, until the result is disposed.</summary>
    public static IDisposable Failing(string calls) => new Setting(FailCalls(calls), () => FailCalls(""));

    /// <summary>Counts what the GPU would do without doing it, until the result is disposed.</summary>
    public static IDisposable CountingOnly() => new Setting(CountOnly(1), () => CountOnly(0));

    private static string? FindReason()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(ProviderKernel.Provider))
        {
            return Environment.GetEnvironmentVariable("CLOUDS_TEST_CUDA_ABSENT")
                ?? "ONNX Runtime is built without CUDA here; ./build.sh test runs these tests in the CUDA form";
        }

        return NativeLibrary.TryLoad(Driver, out _) ? null : "no CUDA driver (libcuda.so.1), and the stand-ins are not on LD_LIBRARY_PATH";
    }

    [LibraryImport(Driver, EntryPoint = "standin_counters")]
    private static partial int ReadCounters(DriverCounters* counters);

    [LibraryImport(Driver, EntryPoint = "standin_reset")]
    private static partial int ResetCounters();

    [LibraryImport(Driver, EntryPoint = "standin_fail", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FailCalls(string calls);

    [LibraryImport(Driver, EntryPoint = "standin_count_only")]
    private static partial int CountOnly(int only);

    private sealed class Setting : IDisposable
    {
        private readonly Func<int> _undo;

        public Setting(int status, Func<int> undo)
        {
            Assert.Equal(0, status);
            _undo = undo;
        }

        public void Dispose() => Assert.Equal(0, _undo());
    }
}
