using System.Text.RegularExpressions;
using Clouds.Cli.Devices;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;
using Clouds.Tests.Runtime;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Verification.Golden;

/// <summary>Golden cases of the repository with the CUDA kernels of an emulated GPU.</summary>
[Kind(TestKind.Emulated)]
public sealed class EmulatedGoldenCasesTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "golden");

    [NvrtcTheory]
    [InlineData("msdeform_core/core_a", "ms_deform_backward_f32_4")]
    [InlineData("msdeform_core/core_one_level", "row_width")]
    [InlineData("criterion/two_images", "point_sample_backward")]
    [InlineData("criterion/empty_target", "uncertain_points")]
    [InlineData("pixel_decoder/odd_sizes", "ms_deform_forward_f32_4")]
    [InlineData("optimizer/adamw_full_clip", "adamw")]
    [InlineData("optimizer/adamw_param_clip", "gradient_norms")]
    [InlineData("optimizer/adamw_no_clip", "adamw")]
    [InlineData("clouds_inference/no_ensemble", "semantic_inference")]
    [InlineData("clouds_pseudo_labels/blobs", "mask_merge")]
    [InlineData("clouds_pseudo_labels/street", "components_labels")]
    public void GoldenCase_OnTheEmulatedGpu_IsReproducedByItsKernels(string path, string kernel)
    {
        using EmulatedGpu gpu = new();
        VerifySummary summary = VerifyRunner.Run(new VerifyRequest(Path.Combine(Golden, path), Device: Device.KernelsOn(gpu.Gpu)), GoldenModules.All);
        CaseResult result = Assert.Single(summary.Cases);
        Assert.True(result.Passed, $"{result.Problem} {result.Worst?.Tensor} {result.Worst?.Ratio} {result.Worst?.Detail}");
        Assert.True(gpu.State.Device.Counters.ContainsKey(kernel), $"{kernel} did not run");
    }

    [NvrtcFact]
    public void GoldenCase_DefectiveKernel_Fails()
    {
        using EmulatedGpu gpu = new(mutate: ptx => Regex.Replace(ptx, @"fma\.rn\.f32\s+(%f\d+), (%f\d+), (%f\d+), (%f\d+);", "fma.rn.f32 $1, $2, $2, $4;"));
        VerifySummary summary =
            VerifyRunner.Run(new VerifyRequest(Path.Combine(Golden, "msdeform_core", "core_b"), Device: Device.KernelsOn(gpu.Gpu)), GoldenModules.All);
        Assert.False(summary.Success);
    }

    [Fact]
    public void Device_CompilerMissing_FailsBeforeTheFirstCase()
    {
        using TemporaryFolder empty = new();
        DeviceSettings settings = new()
        {
            Use = DeviceUse.NetworksOnKernels,
            Compiler = new KernelCompiler(() => Nvrtc.Load(empty.Path), null),
            Emulator = () => new EmulatedKernelDriver(new EmulationSettings()),
        };
        Assert.Equal(Failure.Device, Assert.Throws<CloudsException>(() => Device.Open(DeviceName.Emulated, settings)).Failure);
    }
}
