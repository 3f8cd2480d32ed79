using System.Diagnostics;

namespace Clouds.Tests.Cli.Commands;

public sealed class KillAndResumeTests : IDisposable
{
    private const int Steps = 40;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_KilledTwiceAndResumed_EndsWithTheBitsOfAnUninterruptedRun()
    {
        KillAt(3, TinyRun.Train(_folder["run"], Steps));
        KillAt(9, "train", "--out", _folder["run"], "--resume");
        CommandLineRun last = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume");
        Assert.True(last.ExitCode == 0, last.Error);

        CommandLineRun.Clouds(TinyRun.Train(_folder["whole"], Steps));
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    // SIGKILL: nothing of the program runs any more, so whatever is on the disk then has to do.
    private void KillAt(int steps, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), arguments) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
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
