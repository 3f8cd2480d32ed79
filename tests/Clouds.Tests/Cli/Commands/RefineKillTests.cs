using System.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds refine` as a process of its own, with a small Segment Anything, that is killed in the midst of its work.</summary>
[Kind(TestKind.Fast)]
public sealed class RefineKillTests : IDisposable
{
    private const int Images = 40;

    private readonly TemporaryFolder _folder = new();

    public RefineKillTests()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        LabelMap map = new(64, 48, [.. Enumerable.Range(0, 64 * 48).Select(i => (ushort)(i % 64 / 9))]);
        for (int i = 0; i < Images; i++)
        {
            ImageFile.WritePng(_folder[$"images/{i:00}.png"], Pictures.Noise(64, 48));
            LabelPng.WriteGray8(_folder[$"labels/{i:00}.png"], map);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Refine_KilledAndResumed_EndsWithTheFilesOfAWholeRun()
    {
        using (Process process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "clouds"), Arguments("out"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!)
        {
            while (!process.HasExited && Records("out") < 3)
            {
                await Task.Delay(2, TestContext.Current.CancellationToken);
            }

            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        int done = Records("out");
        Assert.InRange(done, 3, Images - 1);
        CommandLineRun resumed = CommandLineRun.Clouds([.. Arguments("out"), "--skip-existing"]);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains($"{Images} refined ({done} of them before)", resumed.Out, StringComparison.Ordinal);
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("whole")).ExitCode);
        Assert.All(Enumerable.Range(0, Images), i => Assert.Equal(
            File.ReadAllBytes(_folder[$"whole/{i:00}.refined.png"]), File.ReadAllBytes(_folder[$"out/{i:00}.refined.png"])));
    }

    private string[] Arguments(string output) =>
    [
        "refine", _folder["images"], _folder["labels"], "--sam", _folder["sam.safetensors"], "--out", _folder[output], "--threshold", "50", "--device", "cpu",
        "--no-cache",
    ];

    private int Records(string output)
        => Directory.Exists(_folder[output]) ? Directory.GetFiles(_folder[output], "*.refined.json").Count(name => !Path.GetFileName(name).StartsWith('.')) : 0;
}
