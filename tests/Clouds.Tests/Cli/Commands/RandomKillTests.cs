using System.Diagnostics;
using System.Text.Json.Nodes;
using Clouds.Graph.Randomness;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Commands;

/// <summary>kill -9 at moments that nobody chose.</summary>
[Kind(TestKind.Fast)]
public sealed class RandomKillTests : IDisposable
{
    private const int Kills = 20, Every = 2, MostMilliseconds = 400;

    private readonly TemporaryFolder _folder = new();

    private RunFolder Run => new(_folder["run"]);

    public void Dispose() => _folder.Dispose();

    // With a checkpoint in every second step of some milliseconds, kills fall into its writing as often as into anything else.
    [Fact]
    public void Train_KilledTwentyTimesAtRandomMoments_LosesAtMostOneIntervalEachAndEndsWithTheBitsOfAWholeRun()
    {
        RandomStream moments = new(7, "kills");
        string[] settings = ["--set", $"training.checkpointEvery={Every}", "--set", "training.keepCheckpoints=2"];
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 100_000, settings), "--stop-after", "1"]);
        for (int kill = 0; kill < Kills; kill++)
        {
            long before = Saved();
            long recorded = KillAt(before, moments.NextInt32(MostMilliseconds));

            // The step that was under way when the history was read is in nobody's account.
            Assert.InRange(recorded - Saved(), long.MinValue, Every);
            Assert.True(Saved() >= before);
        }

        long end = Saved() + 1;
        Assert.Equal(0, CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--steps", $"{end}").ExitCode);
        CommandLineRun.Clouds([.. TinyRun.Train(_folder["whole"], 100_000, settings), "--stop-after", $"{end - 1}"]);
        CommandLineRun.Clouds("train", "--out", _folder["whole"], "--resume", "--steps", $"{end}");
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    private long Saved() => JsonNode.Parse(Checkpoint.Describe(Run))!["step"]!.GetValue<long>();

    // Waits until the resumed run has done a step, so that the moment is one of its training, and a while longer.
    private long KillAt(long before, int milliseconds)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), ["train", "--out", Run.Path, "--resume", "--device", "cpu"])
        {
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        process.BeginErrorReadLine();
        while (!process.HasExited && Recorded() <= before)
        {
            Thread.Sleep(1);
        }

        process.WaitForExit(milliseconds);
        process.Kill();
        process.WaitForExit();
        Assert.Equal(137, process.ExitCode);
        return Recorded();
    }

    // Whole lines: as many steps were done.
    private long Recorded()
    {
        try
        {
            using FileStream file = new(Run.History, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using StreamReader reader = new(file);
            return reader.ReadToEnd().Count(c => c == '\n');
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
