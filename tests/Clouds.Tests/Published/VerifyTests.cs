using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>Golden cases through the executable's own driver calls: components, their points and the merge of masks; AdamW with the teacher.</summary>
[Kind(TestKind.Published)]
public class VerifyTests
{
    [PublishedTheory]
    [InlineData("clouds_pseudo_labels", "2 passed, 0 failed")]
    [InlineData("optimizer", "4 passed, 0 failed")]
    public void Verify_DriverStandsIn_GoldenCasesAreReproduced(string module, string expected)
    {
        CommandLineRun run = PublishedClouds.OverStandIn(["SEED=3"], Command(module));
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Contains(expected, run.Out);
    }

    [PublishedFact]
    public void Verify_SecondOfTwoGpus_GoldenCasesAreReproduced()
    {
        CommandLineRun run = PublishedClouds.OverStandIn(["GPUS=2"], [.. Command("optimizer")[..^1], "cuda:1"]);
        Assert.True(run.ExitCode == 0, run.Out + run.Error);
        Assert.Contains("4 passed, 0 failed", run.Out);
    }

    [PublishedTheory]
    [InlineData("GPUS=0", "CUDA_ERROR_NO_DEVICE (100)")]
    [InlineData("VERSION=11040", "CUDA 11.4")]
    [InlineData("FAIL=cuInit=803", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)")]
    [InlineData("FAIL=cuStreamCreate=999", "CUDA_ERROR_UNKNOWN (999)")]
    [InlineData("FAIL=cuModuleLoadDataEx@2=222", "CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)")]
    public void Verify_GpuCannotBeUsed_EndsWithOneErrorAndExitCode6(string setting, string expected)
    {
        CommandLineRun run = PublishedClouds.OverStandIn([setting], Command("optimizer"));
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Contains("--device cpu", run.Error);
        Assert.DoesNotContain("   at Clouds.", run.Error);
    }

    [PublishedFact]
    public void Verify_NoCompiler_EndsWithOneErrorAndExitCode6()
    {
        using TemporaryFolder driver = PublishedClouds.DriverFolder();
        CommandLineRun run =
            PublishedClouds.Run([("LD_LIBRARY_PATH", driver.Path), (Nvrtc.PathVariable, driver.Path), ("XDG_DATA_HOME", driver.Path)], Command("optimizer"));
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains(Nvrtc.PathVariable, run.Error);
    }

    [PublishedTheory]
    [InlineData("FAIL=cuMemAlloc_v2@3=2", "CUDA_ERROR_OUT_OF_MEMORY (2)")]
    [InlineData("FAIL=cuLaunchKernel@2=719", "CUDA_ERROR_LAUNCH_FAILED (719)")]
    public void Verify_GpuFailsInTheFirstCase_ReportsItAndGoesOn(string setting, string expected)
    {
        CommandLineRun run = PublishedClouds.OverStandIn([setting], Command("clouds_pseudo_labels"));
        Assert.Equal(ExitCodes.Failed, run.ExitCode);
        Assert.Contains(expected, run.Out);
        Assert.Contains("1 passed, 1 failed", run.Out);
    }

    private static string[] Command(string module) => ["verify", Path.Combine(Repository.Root, "tests", "golden", module), "--device", "cuda"];
}
