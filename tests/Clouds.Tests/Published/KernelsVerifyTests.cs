using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>Every kernel through the executable's own driver calls: `clouds kernels verify --device cuda` over the stand-in.</summary>
[Kind(TestKind.Published)]
public class KernelsVerifyTests
{
    private const PublishedNeeds Needs = PublishedNeeds.StandIn | PublishedNeeds.Compiler;
    private static readonly string[] Command = ["kernels", "verify", "--device", "cuda"];

    [PublishedFact(Needs)]
    public void KernelsVerify_DriverStandsIn_EveryCheckPasses()
    {
        CommandLineRun run = PublishedClouds.OverStandIn(["SEED=5"], Command);
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.All(["connected_components", "component_points", "mask_merge", "ema"], kernel => Assert.Contains(kernel, run.Out));
    }

    [PublishedFact(Needs)]
    public void KernelsVerify_SecondOfTwoGpus_IsTheOneThatRuns()
    {
        CommandLineRun run = PublishedClouds.OverStandIn(
            ["GPUS=2", "ARCHITECTURE=80,90"], "kernels", "verify", "--device", "cuda:1", "--kernel", "ema", "--seeds", "1");
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.StartsWith("device: cuda:1: PTX emulator, sm_90", run.Out);
    }

    [PublishedFact(Needs)]
    public void KernelsVerify_GpuBeyondTheLast_EndsWithOneErrorThatCountsThem()
    {
        CommandLineRun run = PublishedClouds.OverStandIn(["GPUS=2"], "kernels", "verify", "--device", "cuda:2");
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains("cuda:2", run.Error);
        Assert.Contains("2 GPUs", run.Error);
    }

    [PublishedTheory(Needs)]
    [InlineData("GPUS=0", "CUDA_ERROR_NO_DEVICE (100)")]
    [InlineData("VERSION=11040", "CUDA 11.4")]
    [InlineData("FAIL=cuInit=803", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)")]
    [InlineData("FAIL=cuStreamCreate=999", "CUDA_ERROR_UNKNOWN (999)")]
    public void KernelsVerify_GpuCannotBeOpened_EndsWithOneErrorAndExitCode6(string setting, string expected)
    {
        CommandLineRun run = PublishedClouds.OverStandIn([setting], Command);
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Contains("--device cpu", run.Error);
        Assert.DoesNotContain("   at Clouds.", run.Error);
    }

    [PublishedTheory(Needs)]
    [InlineData("FAIL=cuMemAlloc_v2@3=2", "CUDA_ERROR_OUT_OF_MEMORY (2)")]
    [InlineData("FAIL=cuModuleLoadDataEx@2=222", "CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)")]
    [InlineData("FAIL=cuLaunchKernel@2=719", "CUDA_ERROR_LAUNCH_FAILED (719)")]
    [InlineData("FAIL=cuStreamSynchronize=700", "CUDA_ERROR_ILLEGAL_ADDRESS (700)")]
    public void KernelsVerify_KernelFailsOnTheGpu_IsAFailedCheckWithItsReason(string setting, string expected)
    {
        CommandLineRun run = PublishedClouds.OverStandIn([setting], [.. Command, "--kernel", "connected_components", "--seeds", "1"]);
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains(expected, run.Out);
        Assert.DoesNotContain("   at Clouds.", run.Out + run.Error);
    }

    [PublishedFact(Needs)]
    public void KernelsVerify_NoCompiler_EndsWithOneErrorAndExitCode6()
    {
        using TemporaryFolder driver = PublishedClouds.DriverFolder();
        CommandLineRun run =
            PublishedClouds.Run([("LD_LIBRARY_PATH", driver.Path), (Nvrtc.PathVariable, driver.Path), ("XDG_DATA_HOME", driver.Path)], Command);
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains(Nvrtc.PathVariable, run.Error);
    }
}
