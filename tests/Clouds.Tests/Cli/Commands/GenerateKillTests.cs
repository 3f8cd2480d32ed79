using System.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Weights;
using Clouds.Tests.Runtime.Distributed;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds generate` as processes of their own, with a small Stable Diffusion, that are killed in the midst of their work.</summary>
[Kind(TestKind.Fast)]
public sealed class GenerateKillTests : IDisposable
{
    private const int Images = 24;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _model = new();

    public GenerateKillTests()
    {
        new TinyDiffusion().Save(_model);
        File.WriteAllLines(_folder["prompts.txt"], TinyStore.Prompts);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _model.Dispose();
    }

    // Three kills, after an image or two more each time; where in the work of an image they come, the machine decides.
    [Fact]
    public async Task Generate_KilledAgainAndAgain_EndsWithTheFilesOfAWholeRun()
    {
        for (int after = 1; after <= 11; after += 5)
        {
            await KillAfter(after, Arguments("out"));
        }

        int there = ImageStore.Read(_folder["out"]).Images().Count;
        Assert.InRange(there, 11, Images - 1);
        CommandLineRun resumed = CommandLineRun.Clouds(Arguments("out"));
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains($"{Images} of {Images} images", resumed.Out, StringComparison.Ordinal);
        RequireWhole("out");
    }

    [Fact]
    public async Task Generate_APartIsKilled_ItsRestIsMadeByOneProcess()
    {
        await KillAfter(3, [.. Arguments("out"), "--shard", "2/2"]);
        Assert.Equal(0, CommandLineRun.Clouds([.. Arguments("out"), "--shard", "1/2"]).ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("out")).ExitCode);
        RequireWhole("out");
    }

    [MpiFact]
    public void Generate_OnThreeRanks_MakesWhatOneProcessMakes()
    {
        using RankProcesses ranks = new(3, Arguments("out"));
        CommandLineRun run = ranks.End();

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"{Images} of {Images} images", run.Out, StringComparison.Ordinal);
        Assert.Equal(3, StoreFiles.Manifests(_folder["out"]).Count);
        RequireWhole("out");
    }

    [Fact]
    public void Generate_LikeAnImage_MakesTheSamePixels()
    {
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("out")).ExitCode);
        string image = _folder["out/images/000011.png"];
        CommandLineRun run = CommandLineRun.Clouds("generate", "--model", _model.Path, "--like", image, "--out", _folder["again"], "--device", "cpu");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(ImageFile.Read(image).Pixels, ImageFile.Read(_folder["again/images/000000.png"]).Pixels);
        Assert.True(File.Exists(_folder["out/steps.png"]));
    }

    private async Task KillAfter(int images, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "clouds"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (!process.HasExited && Written() < images)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.InRange(Written(), images, Images - 1);
    }

    private int Written() => Directory.Exists(_folder["out/images"]) ? Directory.GetFiles(_folder["out/images"], "0*.png").Length : 0;

    private void RequireWhole(string store)
    {
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("whole")).ExitCode);
        SortedDictionary<string, string> content = TinyStore.Content(_folder[store]);
        SortedDictionary<string, string> whole = TinyStore.Content(_folder["whole"]);
        content.Remove("index.html");
        whole.Remove("index.html");
        Assert.Equal(whole.Keys, content.Keys);
        Assert.All(whole, pair => Assert.True(pair.Value == content[pair.Key], pair.Key));
    }

    private string[] Arguments(string output) =>
    [
        "generate", "--model", _model.Path, "--prompts", _folder["prompts.txt"], "--count", $"{Images}", "--size", "32x32", "--steps", "6",
        "--out", _folder[output], "--device", "cpu", "--set", "execution.threads=1",
    ];
}
