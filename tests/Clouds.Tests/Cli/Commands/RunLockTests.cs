using System.Diagnostics;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_FolderInWhichAnotherProcessTrains_IsRefusedUntilThatEndsEvenByAKill()
    {
        using Process first = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "clouds"), TinyRun.Train(_folder["run"], 100_000))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            while (!first.HasExited && RankProcesses.History(_folder["run"]).Count < 2)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            CommandLineRun second = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--stop-after", "1");
            Assert.Equal(2, second.ExitCode);
            Assert.Contains("another process trains in this folder", second.Error, StringComparison.Ordinal);
            Assert.False(first.HasExited);
        }
        finally
        {
            first.Kill();
        }

        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        int done = RankProcesses.History(_folder["run"]).Count;
        CommandLineRun third = CommandLineRun.Clouds("train", "--out", _folder["run"], "--resume", "--stop-after", $"{done + 2}");
        Assert.True(third.ExitCode == 130, third.Error);
    }
}
