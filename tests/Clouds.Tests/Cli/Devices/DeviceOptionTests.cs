using Clouds.Cli.Commands;
using Clouds.Cli.Devices;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Cli.Commands;
using Clouds.Verification.Golden;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Cli.Devices;

[Kind(TestKind.Emulated)]
public sealed class DeviceOptionTests
{
    private static readonly string Case = Path.Combine(Repository.Root, "tests", "golden", "msdeform_core", "core_a");

    [NvrtcFact]
    public void Verify_OnTheEmulatedDevice_RunsTheCudaKernels()
    {
        EmulatedKernelDriver driver = new(new EmulationSettings());
        CommandLineRun run = CommandLineRun.Of([new VerifyVerb(GoldenModules.All, _ => driver)], ["verify", Case, "--device", "emulated"]);
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("1 passed, 0 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains(driver.Counts.Keys, kernel => kernel.StartsWith("ms_deform_forward_", StringComparison.Ordinal));
        Assert.Null(driver.Leak);
    }

    [Fact]
    public void Verify_HelpPage_OffersTheEmulatedDevice()
    {
        Assert.Contains("--device auto|cpu|cuda|cuda:N|emulated", CommandLineRun.Clouds("verify", "--help").Out, StringComparison.Ordinal);
        Assert.DoesNotContain("emulated", CommandLineRun.Clouds("segment", "--help").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryVerb_HelpPage_OffersGpusByNumber()
        => Assert.All(VerbList.All, verb => Assert.Contains(
            "--device auto|cpu|cuda|cuda:N", CommandLineRun.Clouds([.. verb.Name.Split(' '), "--help"]).Out, StringComparison.Ordinal));

    [Theory]
    [InlineData("train", "--data", TinyRun.Streets, "--preset", "small", "--out", "{folder}")]
    [InlineData("segment", "{model}", "{image}", "--out", "{folder}")]
    [InlineData("evaluate", "{model}", "--data", TinyRun.Streets)]
    [InlineData("demo", "--out", "{folder}")]
    [InlineData("verify", "{folder}")]
    [InlineData("kernels", "verify")]
    [InlineData("bench", "kernels")]
    public void VerbThatComputes_OnAGpuThatIsNotThere_EndsBeforeItsWorkWithTheDevicesCode(params string[] arguments)
    {
        using TemporaryFolder folder = new();
        using TemporaryFolder images = new();
        ImageFile.WritePng(images["a.png"], Pictures.Noise(40, 40));
        string[] line = [.. arguments.Select(word => word switch
        {
            "{folder}" => folder.Path,
            "{model}" => TinyRun.Model,
            "{image}" => images["a.png"],
            _ => word,
        })];
        CommandLineRun run = CommandLineRun.Clouds([.. line, "--device", "cuda:99"]);
        Assert.Equal((int)Failure.Device, run.ExitCode);
        Assert.Contains("--device cpu", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("train", "--out", "run")]
    public void OtherVerb_OnTheEmulatedDevice_IsRefused(params string[] arguments)
    {
        CommandLineRun run = CommandLineRun.Clouds([.. arguments, "--device", "emulated"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("this verb does not run on the emulated device", run.Error, StringComparison.Ordinal);
        Assert.Contains("--device auto|cpu|cuda|cuda:N", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_OnCudaWithoutADriver_FailsOnceWithTheDevicesCode()
    {
        CommandLineRun run = CommandLineRun.Clouds("verify", Case, "--device", "cuda");
        Assert.True(run.ExitCode == 6 || File.Exists("/dev/nvidia0"), run.Out);
    }

    [Fact]
    public void Device_NoneOfTheNames_IsRefusedWithTheList()
        => Assert.Contains("auto|cpu|cuda|cuda:N|emulated", CommandLineRun.Clouds("verify", Case, "--device", "gpu").Error, StringComparison.Ordinal);
}
