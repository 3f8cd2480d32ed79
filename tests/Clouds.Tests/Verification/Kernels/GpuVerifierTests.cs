using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Tests.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Verification.Kernels;

[Kind(TestKind.Emulated)]
public class GpuVerifierTests
{
    public static TheoryData<string> Families => [.. KernelFamilies.All.Select(family => family.Name)];

    [NvrtcTheory]
    [MemberData(nameof(Families))]
    public void RunEmulated_EveryKernel_PassesEveryCheck(string name)
    {
        VerifiedKernel line = Emulated(name, TestToolchain.Found);
        Assert.Empty(line.Failures);
        Assert.All(GpuVerifier.EmulatedChecks, check => Assert.Equal(CheckMark.Passed, line.Checks[check].Mark));
        Assert.Equal(line.Bytes!.Ratio > KernelWork.FreeRatio, line.Bytes.Reason is not null);
    }

    [NvrtcTheory]
    [InlineData("ema", "memory", @"setp\.gt\.u64\s+(%p\d+), (%rd\d+), (%rd\d+)", "setp.gt.s64 $1, $2, 100000000")]
    [InlineData("ema", "twin", @"fma\.rn\.f32", "fma.rz.f32", 1)]
    [InlineData("ema", "ptx", @"fma\.rn\.f32\s[^;]*;", "tex.2d.v4.f32.f32 nothing;")]
    [InlineData("component_points", "twin", @"shfl\.sync\.idx", "shfl.sync.bfly")]
    public void RunEmulated_DefectPlanted_IsFoundByItsCheck(string name, string check, string pattern, string replacement, int occurrence = 0)
    {
        VerifiedKernel line = Emulated(name, TestToolchain.With(ptx =>
            ptx.Contains(".entry components_", StringComparison.Ordinal) ? ptx : PtxEdit.ReplaceAnywhere(ptx, pattern, replacement, occurrence)));
        Assert.Contains(line.Failures, failure => failure.Check == check);
        Assert.Equal(CheckMark.Failed, line.Checks[check].Mark);
        Assert.All(line.Failures, failure => Assert.Contains($"--kernel {name} --arch 80", failure.Repeat, StringComparison.Ordinal));
    }

    [NvrtcTheory]
    [InlineData(0, "memory")]
    [InlineData(1, "memory")]
    [InlineData(2, "twin")]
    [InlineData(3, "races")]
    [InlineData(4, "races")]
    public void RunEmulated_BarrierDeleted_IsFound(int barrier, string check)
    {
        VerifiedKernel line = Emulated("connected_components", TestToolchain.With(ptx => PtxEdit.WithoutBarrier(ptx, "components_tile", barrier)));
        Assert.Equal(check, line.Failures[0].Check);
        Assert.Contains(check == "twin" ? "table of map 0: processor 101 elements, GPU " : "components_tile: '",
            line.Failures[0].Message, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void RunCuda_OverADriver_ComparesWithTheTwin()
    {
        VerificationPlan plan = new([Family("ema"), Family("ms_deform_attn")], 1, 2);
        GpuVerifier verifier = new(TestToolchain.Behind(new EmulatorSettings()), plan);
        VerificationReport report = verifier.RunCuda(DeviceName.Cuda(), null, CancellationToken.None);
        Assert.Equal((10, 0, 0), (report.Passed, report.Failed, report.NotMade));
        Assert.Equal("cuda: PTX emulator, sm_80", report.Device);
    }

    [NvrtcFact]
    public void RunCuda_DefectPlanted_SaysWhichElementDiffers()
    {
        KernelToolchain broken = TestToolchain.With(ptx => PtxEdit.ReplaceAnywhere(ptx, @"fma\.rn\.f32", "fma.rz.f32", 1), new(), new());
        VerificationReport report = new GpuVerifier(broken, new VerificationPlan([Family("ema")], 5, 1))
            .RunCuda(DeviceName.Cuda(1), null, CancellationToken.None);
        KernelFailure failure = Assert.Single(report.Kernels[0].Failures);
        Assert.Matches(@"^teacher: element \d+: processor \S+, GPU \S+ \(\d+ of \d+ differ\)", failure.Message);
        Assert.Equal(5ul, failure.Seed);
        Assert.StartsWith("clouds kernels verify --device cuda:1 --kernel ema", failure.Repeat, StringComparison.Ordinal);
    }

    private static VerifiedKernel Emulated(string name, KernelToolchain toolchain)
    {
        GpuVerifier verifier = new(toolchain, new VerificationPlan([Family(name)], 1, 2));
        return Assert.Single(verifier.RunEmulated(TestToolchain.Emulate, [80], null, CancellationToken.None).Kernels);
    }

    private static KernelFamily Family(string name) => KernelFamilies.All.Single(family => family.Name == name);
}
