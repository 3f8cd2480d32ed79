using Clouds.Diagnostics;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Published;

[Kind(TestKind.Published)]
public sealed class OneFileTests
{
    [PublishedFact(PublishedNeeds.None)]
    public void Publish_LeavesOneFile()
        => Assert.Equal(["clouds"], Directory.GetFiles(Path.GetDirectoryName(PublishedClouds.Executable!)!).Select(Path.GetFileName));

    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    public void Serve_NoHomeAndEndedByASignal_HasPrintedItsAddressAndEndsWith130(string signal)
    {
        // Job control: without it a shell's background processes are deaf to SIGINT.
        string line = "set -m; unset HOME; \"$0\" \"$@\" > \"$SAID\" & for i in $(seq 600); do grep -q http \"$SAID\" && break; sleep 0.1; done; "
            + $"kill -{signal} $!; wait $!";
        using TemporaryFolder folder = new();
        CommandLineRun run = PublishedClouds.InShell(
            line, [("SAID", folder["printed"]), ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", "/proc")], "serve", TinyRun.Model, "--device", "cpu");
        Assert.True(run.ExitCode == 130, run.Error);
        Assert.Contains("http://127.0.0.1:", File.ReadAllText(folder["printed"]), StringComparison.Ordinal);
        Assert.Contains("clouds: taking no more requests", run.Error, StringComparison.Ordinal);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Serve_StandardOutputIsFull_IsAnOutputFailure()
    {
        CommandLineRun run = PublishedClouds.InShell("""exec timeout 60 "$0" "$@" > /dev/full""", [], "serve", TinyRun.Model, "--device", "cpu");
        Assert.True(run.ExitCode == (int)Failure.Output, $"{run.ExitCode}\n{run.Error}");
        Assert.Contains("results cannot be written", run.Error, StringComparison.Ordinal);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void DataCheck_FolderOfImages_ReadsThemWithTheLibraryItUnpacked()
    {
        using FolderSet set = new();
        CommandLineRun run = PublishedClouds.Run([], "data", "check", set.Json());
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("6 samples, 6 usable", run.Out, StringComparison.Ordinal);
    }
}
