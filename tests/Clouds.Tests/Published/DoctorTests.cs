using System.Text.Json;
using Clouds.Runtime.Native;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

[Kind(TestKind.Published)]
public sealed class DoctorTests : IDisposable
{
    private const string Driver = "NVIDIA driver";
    private const string Kernels = "GPU kernels";
    private const string Good = "good";
    private const string Warning = "warning";
    private const string Absent = "absent";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PublishedFact]
    public void Doctor_DriverStandsIn_ShowsGpuAndCompilerAndRunsAKernel()
    {
        Findings found = Over("MEMORY=1073741824", "ARCHITECTURE=90", "VERSION=12040");
        Assert.Equal((Good, $"CUDA 12.4, {PublishedClouds.StandIn}"), found[Driver]);
        Assert.Equal(Good, found["GPU 0"].State);
        Assert.Contains("sm_90", found["GPU 0"].Value);
        Assert.Contains("1.0 of 1.0 GiB free", found["GPU 0"].Value);
        Assert.Equal(Good, found["NVRTC"].State);
        Assert.Contains(NvrtcForTests.Library.Search.File!, found["NVRTC"].Value);
        Assert.Equal(Good, found[Kernels].State);
    }

    [PublishedFact]
    public void Doctor_GpuNewerThanTheCompiler_RunsTheKernelFromPtx() => Assert.Equal(Good, Over("ARCHITECTURE=120")[Kernels].State);

    [PublishedFact]
    public void Doctor_TwoGpus_ShowsBothAndRunsAKernelOnEach()
    {
        Findings found = Over("GPUS=2", "ARCHITECTURE=80,90");
        Assert.Contains("sm_80", found["GPU 0"].Value);
        Assert.Contains("sm_90", found["GPU 1"].Value);
        Assert.Equal(Good, found[Kernels].State);
        Assert.Equal((Good, "one was compiled, ran on GPU 1 and gave the processor's bits"), found[$"{Kernels}, cuda:1"]);
        Assert.Equal(found["device cuda"], found["device cuda:1"]);
    }

    [PublishedFact]
    public void Doctor_MachineOfCuda12_SaysWhatNetworksWant()
    {
        Findings found = Over("VERSION=12040");
        Assert.Equal((Warning, "the driver knows CUDA 12.4; ONNX Runtime's provider is built for CUDA 13"), found["CUDA of the driver"]);
        Assert.Contains("install driver 580 or newer", found.Next("CUDA of the driver"));
        Assert.Contains("pip install --user 'nvidia-cuda-runtime==13.*'", found.Next("CUDA of the driver"));
        Assert.False(Over("VERSION=13000").Has("CUDA of the driver"));
    }

    [PublishedFact]
    public void Doctor_GpuOlderThanTheProvidersCode_SaysThatOurKernelsRun()
    {
        Findings found = Over("ARCHITECTURE=70");
        Assert.Equal((Warning, "sm_70; ONNX Runtime's provider has code for sm_75 and newer"), found["GPU 0 and networks"]);
        Assert.Equal(Good, found[Kernels].State);
    }

    [PublishedTheory(PublishedNeeds.StandIn)]
    [InlineData("GPUS=0", "the NVIDIA driver finds no GPU: CUDA_ERROR_NO_DEVICE (100); cuInit(0)")]
    [InlineData("VERSION=11040", "the NVIDIA driver is too old: CUDA 11.4")]
    [InlineData("FAIL=cuInit=803", "the NVIDIA driver's library does not fit its kernel module: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)")]
    [InlineData("FAIL=cuInit=999", "the NVIDIA driver does not work: CUDA_ERROR_UNKNOWN (999)")]
    [InlineData("FAIL=cuDevicePrimaryCtxRetain=2", "the GPU has no memory left: CUDA_ERROR_OUT_OF_MEMORY (2)")]
    [InlineData("SEED=three", "the NVIDIA driver does not work")]
    public void Doctor_DriverFails_SaysWhyAndKeepsLooking(string setting, string expected)
    {
        Findings found = Over(setting);
        Assert.Equal(Warning, found[Driver].State);
        Assert.StartsWith(expected, found[Driver].Value);
        Assert.Equal(Good, found["device cpu"].State);
        Assert.False(found.Has(Kernels));
    }

    [PublishedTheory]
    [InlineData("FAIL=cuMemAlloc_v2@2=2",
        "the GPU has no memory left: CUDA_ERROR_OUT_OF_MEMORY (2); 68719476336 of 68719476736 bytes are free; cuMemAlloc_v2(400 bytes)")]
    [InlineData("FAIL=cuModuleLoadDataEx@2=222", "the NVIDIA driver is older than the compiler of the kernels: CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)")]
    [InlineData("FAIL=cuModuleLoadDataEx@2=218", "a call of the CUDA driver failed: CUDA_ERROR_INVALID_PTX (218)")]
    [InlineData("FAIL=cuLaunchKernel=701", "a kernel failed on the GPU: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES (701); cuLaunchKernel(ema")]
    [InlineData("FAIL=cuStreamSynchronize=719", "a kernel failed on the GPU: CUDA_ERROR_LAUNCH_FAILED (719)")]
    [InlineData("FAIL=cuMemcpyDtoHAsync_v2=700", "a kernel failed on the GPU: CUDA_ERROR_ILLEGAL_ADDRESS (700)")]
    public void Doctor_KernelFails_SaysWhyAndEnds(string setting, string expected)
    {
        Findings found = Over(setting);
        Assert.Equal(Good, found["GPU 0"].State);
        Assert.Equal(Warning, found[Kernels].State);
        Assert.StartsWith(expected, found[Kernels].Value);
    }

    [PublishedFact(PublishedNeeds.StandIn)]
    public void Doctor_NoCompiler_ListsWhatWasTried()
    {
        using TemporaryFolder driver = PublishedClouds.DriverFolder();
        Findings found = Examine(("LD_LIBRARY_PATH", driver.Path), (Nvrtc.PathVariable, _folder.Path));
        Assert.Equal(Warning, found["NVRTC"].State);
        Assert.Contains(Path.Combine(_folder.Path, "libnvrtc.so"), found["NVRTC"].Value);
        Assert.False(found.Has(Kernels));
    }

    [PublishedFact]
    public void Doctor_CompilerWithoutItsBuiltins_NamesTheMissingLibrary()
    {
        string library = NvrtcForTests.Library.Search.File!;
        File.CreateSymbolicLink(_folder["libnvrtc.so"], library);
        using TemporaryFolder driver = PublishedClouds.DriverFolder();
        Findings found = Examine(("LD_LIBRARY_PATH", driver.Path), (Nvrtc.PathVariable, _folder.Path), ("XDG_DATA_HOME", _folder.Path));
        Assert.Equal(Good, found["NVRTC"].State);
        Assert.Equal(Warning, found[Kernels].State);
        Assert.Contains("NVRTC_ERROR_BUILTIN_OPERATION_FAILURE", found[Kernels].Value);
        Assert.Contains("put libnvrtc-builtins of CUDA", found.Next(Kernels));
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Doctor_DriverIsNoLibrary_GivesTheLoadersReason()
    {
        File.WriteAllText(_folder["libcuda.so.1"], "not a library");
        Assert.Contains("libcuda.so.1: ", Examine(("LD_LIBRARY_PATH", _folder.Path))[Driver].Value);
    }

    [PublishedFact(PublishedNeeds.Compiler)]
    public void Doctor_DriverIsAnotherLibrary_NamesTheMissingEntryPoint()
    {
        File.CreateSymbolicLink(_folder["libcuda.so.1"], NvrtcForTests.Library.Search.File!);
        (string state, string value) = Examine(("LD_LIBRARY_PATH", _folder.Path))[Driver];
        Assert.Equal(Warning, state);
        Assert.Contains("lacks an entry point", value);
        Assert.Contains("cuInit", value);
    }

    [PublishedFact(PublishedNeeds.NoDriver)]
    public void Doctor_NoDriver_IsNoFault()
    {
        Findings found = Examine();
        Assert.Equal(Absent, found[Driver].State);
        Assert.Equal(Good, found["device cpu"].State);
    }

    private static Findings Over(params string[] settings) => new(PublishedClouds.OverStandIn(settings, "doctor", "--json"));

    private static Findings Examine(params (string, string)[] variables) => new(PublishedClouds.Run(variables, "doctor", "--json"));

    /// <summary>The lines of `clouds doctor` by what they are about.</summary>
    private sealed class Findings
    {
        private readonly Dictionary<string, JsonElement> _lines;

        public Findings(CommandLineRun run)
        {
            Assert.True(run.ExitCode == 0, run.Error);
            _lines = JsonDocument.Parse(run.Out).RootElement.EnumerateArray().ToDictionary(line => line.GetProperty("subject").GetString()!);
        }

        public (string State, string Value) this[string subject]
            => (_lines[subject].GetProperty("state").GetString()!, _lines[subject].GetProperty("value").GetString()!);

        public string Next(string subject) => _lines[subject].GetProperty("next").GetString()!;

        public bool Has(string subject) => _lines.ContainsKey(subject);
    }
}
