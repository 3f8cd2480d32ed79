using System.Diagnostics;
using Clouds.Tests.Runtime.Distributed;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class RankLossTests : IDisposable
{
    private const int Steps = 200;
    private const int Kills = 6;
    private static readonly string[] TwoImages = ["--set", "training.batch=2", "--set", "execution.threads=1"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Train_RanksKilledAtRandomMoments_AreNamedAndTheRunEndsWithTheBitsOfAWholeOne()
    {
        Random moments = new(12);
        for (int kill = 0; kill < Kills; kill++)
        {
            int victim = kill % 2, done = RankProcesses.History(_folder["run"]).Count;
            using RankProcesses run = new(2, kill == 0 ? Arguments("run") : ["train", "--out", _folder["run"], "--resume"]);
            run.WaitFor(() => RankProcesses.History(_folder["run"]).Count > done + 1);
            Thread.Sleep(moments.Next(200));
            long start = Stopwatch.GetTimestamp();
            run.Send("KILL", victim);
            CommandLineRun end = run.End();
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
            Assert.NotEqual(0, end.ExitCode);
            Assert.Contains($"rank {victim}", end.Error, StringComparison.Ordinal);
            Assert.True(File.Exists(_folder["run/checkpoint.safetensors"]));
            Assert.False(File.Exists(_folder["run/model.safetensors"]));
        }

        Resume();
        CommandLineRun whole = Mpirun.Clouds(2, Arguments("whole"));
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Equal(File.ReadAllBytes(_folder["whole/model.safetensors"]), File.ReadAllBytes(_folder["run/model.safetensors"]));
    }

    // mpirun ends all ranks when one dies; told not to, it is they who find out.
    [MpiTheory]
    [InlineData(0)]
    [InlineData(2)]
    public void Train_RankKilledWhileTheOthersGoOn_IsNamedByThemAndTheirWorkIsSaved(int victim)
    {
        using RankProcesses run = new(3, Arguments("run", "--set", "training.batch=3", "--set", "training.checkpointEvery=5000"), "--enable-recovery");
        run.WaitFor(() => RankProcesses.History(_folder["run"]).Count > 3);
        run.Send("KILL", victim);
        string error = run.End().Error;
        Assert.Contains($"rank {victim} of 3 has ended without a word", error, StringComparison.Ordinal);
        Assert.Contains($"rank {victim} on host {Environment.MachineName}, process ", error, StringComparison.Ordinal);
        Assert.Matches("last heard of at step [0-9]+, '", error);
        Assert.Matches("expected  its part of '[a-z ]+' in step [0-9]+", error);
        Assert.True(File.Exists(_folder["run/checkpoint.safetensors"]), error);
        Resume();
    }

    [MpiFact]
    public void Train_StoppedRank_IsNamedWithinTheSilenceAndTheRunIsSaved()
    {
        using RankProcesses run = new(2, Arguments("run", "--set", "execution.ranks.silence=10", "--set", "training.checkpointEvery=5000"));
        run.WaitFor(() => RankProcesses.History(_folder["run"]).Count > 3);
        long start = Stopwatch.GetTimestamp();
        run.Send("STOP", 1);
        CommandLineRun end = run.End();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 30);
        Assert.Equal(6, end.ExitCode);
        Assert.Contains("rank 1 of 2 has been stopped by a signal", end.Error, StringComparison.Ordinal);
        Assert.Contains("the run fails, and is saved as it was after step", end.Error, StringComparison.Ordinal);
        Resume();
    }

    [MpiFact]
    public void Train_RankThatFails_SaysWhyAndTheOthersOnlySave()
    {
        using FolderSet set = new();
        using RankProcesses run = new(2, TinyRun.Train(_folder["run"], 4000, set.Json(), [.. TwoImages, "--set", "training.checkpointEvery=5000"]));
        run.WaitFor(() => RankProcesses.History(_folder["run"]).Count > 3);
        Array.ForEach(Directory.GetFiles(set["images"]), image => File.WriteAllText(image, "no image"));
        CommandLineRun end = run.End();
        Assert.True(end.ExitCode == 3, end.Error);
        Assert.DoesNotContain("rank 1 of 2 has left", end.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["run/checkpoint.safetensors"]));
    }

    private string[] Arguments(string name, params string[] more) => TinyRun.Train(_folder[name], Steps, [.. TwoImages, .. more]);

    private void Resume()
    {
        CommandLineRun resumed = Mpirun.Clouds(2, "train", "--out", _folder["run"], "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
    }
}
