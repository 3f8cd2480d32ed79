using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Published;

[Kind(TestKind.Published)]
public sealed class OneFileTests
{
    [PublishedFact(PublishedNeeds.None)]
    public void Publish_LeavesOneFile()
        => Assert.Equal(["clouds"], Directory.GetFiles(Path.GetDirectoryName(PublishedClouds.Executable!)!).Select(Path.GetFileName));

    [PublishedFact(PublishedNeeds.None)]
    public void Serve_EndedBySigterm_HasPrintedItsAddressAndEndsWith130()
    {
        const string Line = "\"$0\" \"$@\" > \"$SAID\" & for i in $(seq 600); do grep -q http \"$SAID\" && break; sleep 0.1; done; kill -TERM $!; wait $!";
        using TemporaryFolder folder = new();
        CommandLineRun run = PublishedClouds.InShell(Line, [("SAID", folder["printed"])], "serve", TinyRun.Model, "--device", "cpu");
        Assert.True(run.ExitCode == 130, run.Error);
        Assert.Contains("http://127.0.0.1:", File.ReadAllText(folder["printed"]), StringComparison.Ordinal);
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
