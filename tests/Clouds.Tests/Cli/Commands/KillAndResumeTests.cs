using System.Diagnostics;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class KillAndResumeTests : IDisposable
{
    private const int Steps = 14;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_KilledTwiceAndResumedBesideABusyThread_EndsWithTheBitsOfAnUninterruptedRunOnOneThread()
    {
        using BusyProcessor busy = new();
        KillAt(3, TinyRun.Train(_folder["run"], Steps, TinyRun.SharedAmongThreads));
        KillAt(9, "train", "--out", _folder["run"], "--resume");
        CommandLineRun last = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(last.ExitCode == 0, last.Error);

        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], Steps, [.. TinyRun.SharedAmongThreads, "--set", "execution.threads=1"]));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
        Assert.Equal(
            ["checkpoint-12.safetensors", "checkpoint-13.safetensors", "checkpoint.safetensors", "model.safetensors"],
            Directory.GetFiles(_folder["run"], "*safetensors*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Directory.GetFiles(_folder["run"]), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Train_SignalToEnd_SavesExits130AndResumesBitByBit(string name)
    {
        using Process process = Start(TinyRun.Train(_folder["run"], 60));
        await Until(() => process.HasExited || Recorded(_folder["run/history.jsonl"]) >= 2);
        using Process signal = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
        Assert.True(File.Exists(_folder["run/model.safetensors"]));
        ResumeAsWhole(60);
    }

    [Fact]
    public async Task Train_ReaderThatLeavesAfterALine_IsNoFailure()
    {
        IEnumerable<string> words = [Path.Combine(AppContext.BaseDirectory, "clouds"), .. TinyRun.Train(_folder["run"], 5)];
        string command = string.Join(' ', words.Select(word => $"'{word}'"));
        using Process shell = Process.Start("bash", ["-c", $"set -o pipefail; {command} 2>&1 | head -1 > '{_folder["line"]}'"]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
        Assert.Single(File.ReadLines(_folder["line"]));
        Assert.Equal(5, Recorded(_folder["run/history.jsonl"]));
        Assert.True(File.Exists(_folder["run/model.safetensors"]));
    }

    [Fact]
    public async Task Train_ImageThatIsDamagedMeanwhile_SavesFailsAndResumesBitByBitOnceItIsMended()
    {
        using FolderSet set = new();
        string[] images = Directory.GetFiles(set["images"]);
        byte[][] good = [.. images.Select(File.ReadAllBytes)];
        using Process process = Start(TinyRun.Train(_folder["run"], 400, set.Json(), []));
        await Until(() => process.HasExited || Recorded(_folder["run/history.jsonl"]) >= 2);
        Array.ForEach(images, image => File.WriteAllText(image, "no image"));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, process.ExitCode);
        Assert.True(File.Exists(_folder["run/checkpoint.safetensors"]));
        Assert.False(File.Exists(_folder["run/model.safetensors"]));

        Array.ForEach([.. images.Zip(good)], file => File.WriteAllBytes(file.First, file.Second));
        ResumeAsWhole(400, set.Json());
    }

    // SIGKILL: nothing of the program runs any more, so whatever is on the disk then has to do.
    private void KillAt(int steps, params string[] arguments)
    {
        using Process process = Start(arguments);
        string history = _folder["run/history.jsonl"];
        while (!process.HasExited && Recorded(history) < steps)
        {
            Thread.Sleep(1);
        }

        process.Kill();
        process.WaitForExit();
        Assert.Equal(137, process.ExitCode);
        Assert.False(File.Exists(_folder["run/model.safetensors"]));
    }

    private void ResumeAsWhole(int steps, string data = TinyRun.Streets)
    {
        CommandLineRun resumed = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], steps, data, []));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }

    private static Process Start(string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), arguments) { RedirectStandardError = true };
        Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        return process;
    }

    private static int Recorded(string history)
    {
        try
        {
            using FileStream file = new(history, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(file);
            return reader.ReadToEnd().Count(c => c == '\n');
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
