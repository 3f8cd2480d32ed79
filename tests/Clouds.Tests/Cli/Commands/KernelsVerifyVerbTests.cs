using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Runtime.Compilation;
using Clouds.Tests.Runtime;
using Clouds.Tests.Runtime.Kernels;
using Clouds.Tests.Verification.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Emulated)]
public class KernelsVerifyVerbTests
{
    [Fact]
    public void Help_NamesDevicesChecksAndKernels()
    {
        CommandLineRun run = Run(TestToolchain.Missing, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Out.Split('\n'),
            line => line.Contains("--device", StringComparison.Ordinal) && line.Contains("auto|cpu|cuda|cuda:N|emulated", StringComparison.Ordinal));
        Assert.Contains("point_sample_backward", run.Out, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Emulated_OneKernel_PrintsALineForEachArchitecture()
    {
        CommandLineRun run = Run(TestToolchain.Found, "--device", "emulated", "--kernel", "ema", "--arch", "70,sm_90", "--seeds", "1");
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("device: emulated", lines[0]);
        Assert.Matches(@"^kernel +arch +compiles +resources +ptx +twin +repeats +races +memory +returned +bytes +s$", lines[1]);
        Assert.Matches(@"^ema +sm_70 +(ok +){8}1\.00/1\.00 +\d", lines[2]);
        Assert.Matches(@"^ema +sm_90 +(ok +){8}1\.00/1\.00 +\d", lines[3]);
        Assert.Equal("1 kernel, 2 architectures: 18 checks passed, 0 failed, 0 not made", lines[4]);
        Assert.Contains("verify 2/2", run.Error, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Emulated_DefectPlanted_FailsAndExplains()
    {
        KernelToolchain broken = TestToolchain.With(ptx => PtxEdit.ReplaceAnywhere(ptx, @"fma\.rn\.f32", "fma.rz.f32", 1));
        CommandLineRun run = Run(broken, "--kernel", "ema", "--arch", "80", "--seeds", "1", "--first-seed", "7");
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"ema +sm_80 +ok +ok +ok +FAIL +ok", run.Out);
        Assert.Contains("FAIL ema, sm_80, twin, seed 7", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"teacher: element \d+: processor \S+, GPU \S+", run.Out);
        Assert.Contains("repeat: clouds kernels verify --device emulated --kernel ema --arch 80 --first-seed 7 --seeds 1", run.Out, StringComparison.Ordinal);
        Assert.Contains("8 checks passed, 1 failed", run.Out, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Emulated_Json_IsOneObjectWithEveryCheck()
    {
        using JsonDocument json = JsonDocument.Parse(Run(TestToolchain.Found, "--kernel", "component_points", "--arch", "80", "--seeds", "1", "--json").Out);
        JsonElement kernel = json.RootElement.GetProperty("kernels")[0];
        Assert.Equal(9, json.RootElement.GetProperty("passed").GetInt32());
        Assert.Equal("passed", kernel.GetProperty("checks").GetProperty("races").GetProperty("mark").GetString());
        Assert.True(kernel.GetProperty("bytes").GetProperty("ratio").GetDouble() > 1.3);
        Assert.Contains("sectors", kernel.GetProperty("bytes").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Cpu_OneKernel_IsTheSameWithEveryWidthOfVectors()
    {
        CommandLineRun run = Run(TestToolchain.Missing, "--device", "cpu", "--kernel", "ema", "--seeds", "2");
        Assert.Equal(0, run.ExitCode);
        int narrower = CpuVerifier.NarrowerLevels.Count;
        Assert.Contains($"1 kernel, {narrower + 1} architecture", run.Out, StringComparison.Ordinal);
        Assert.Contains($"{1 + (2 * narrower)} checks passed, 0 failed, 1 not made", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, CheckMark.NotMade)]
    [InlineData(2, CheckMark.Passed)]
    public void Cpu_ThreadsOfTheConfiguration_AreThoseComparedWithOne(int threads, CheckMark expected)
    {
        CommandLineRun run = Run(
            TestToolchain.Missing, "--device", "cpu", "--kernel", "ema", "--seeds", "1", "--json", "--set", $"execution.threads={threads}");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.All(json.RootElement.GetProperty("kernels").EnumerateArray(), kernel => Assert.Equal(
            expected.ToString(), kernel.GetProperty("checks").GetProperty("threads").GetProperty("mark").GetString(), ignoreCase: true));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Cpu_Plan_SolvesProblemsWithNoMoreThreadsThanItNames(int threads, int most)
    {
        AskedProblem problem = new();
        KernelFamily family = KernelFamilies.All[0] with { Make = (_, _) => problem };
        new CpuVerifier(new VerificationPlan([family], 1, 1, Threads: threads)).Run([], null, CancellationToken.None);
        Assert.Equal(Math.Max(most, threads == 0 ? Environment.ProcessorCount : 1), problem.Asked.Max());
    }

    [Fact]
    public void Emulated_WithoutNvrtc_SaysHowToGetIt()
    {
        CommandLineRun run = Run(TestToolchain.Missing, "--device", "emulated");
        Assert.Equal(6, run.ExitCode);
        Assert.Contains("CLOUDS_NVRTC", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Out);
    }

    [NvrtcFact]
    public void Cuda_SecondOfTwoGpus_IsTheOneThatRuns()
    {
        KernelToolchain toolchain = TestToolchain.Behind(new(), new() { Architecture = 90 });
        CommandLineRun run = Run(toolchain, "--device", "cuda:1", "--kernel", "ema", "--seeds", "1");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("device: cuda:1: PTX emulator, sm_90", run.Out, StringComparison.Ordinal);
    }

    [NvrtcFact]
    public void Auto_WhereAGpuWorks_TakesTheFirst()
    {
        CommandLineRun run = Run(TestToolchain.Behind(new(), new() { Architecture = 90 }), "--kernel", "ema", "--seeds", "1");
        Assert.StartsWith("device: cuda: PTX emulator, sm_80", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_WithoutAGpu_TakesTheProcessorAndSaysWhy()
    {
        CommandLineRun run = Run(TestToolchain.Behind(), "--kernel", "ema", "--seeds", "1", "--own-vectors");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("device: cpu (CUDA is not used: the NVIDIA driver finds no GPU (cuInit(0)); --device emulated", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--kernel", "emma")]
    [InlineData("--arch", "60")]
    [InlineData("--arch", "")]
    [InlineData("--seeds", "0")]
    public void Options_WrongValue_AreRefused(string option, string value)
        => Assert.Equal(2, Run(TestToolchain.Missing, "--device", "emulated", option, value).ExitCode);

    [Fact]
    public void Options_ThatTheDeviceDoesNotHave_AreRefused()
    {
        Assert.Equal(2, Run(TestToolchain.Missing, "--device", "cpu", "--arch", "80").ExitCode);
        Assert.Equal(2, Run(TestToolchain.Missing, "--device", "emulated", "--full").ExitCode);
    }

    private static CommandLineRun Run(KernelToolchain toolchain, params string[] arguments)
        => CommandLineRun.Of([new KernelsVerifyVerb(toolchain, TestToolchain.Emulate)], ["kernels", "verify", .. arguments]);

    private sealed class AskedProblem() : KernelProblem("none")
    {
        public List<int> Asked { get; } = [];

        public override KernelWork Work => throw new NotSupportedException();

        public override IReadOnlyList<KernelOutput> OnCpu(int threads)
        {
            Asked.Add(threads);
            return [];
        }

        public override KernelRun OnGpu(Gpu gpu) => throw new NotSupportedException();
    }
}
