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
    public void DataCheck_FolderOfImages_ReadsThemWithTheLibraryItUnpacked()
    {
        using FolderSet set = new();
        CommandLineRun run = PublishedClouds.Run([], "data", "check", set.Json());
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("6 samples, 6 usable", run.Out, StringComparison.Ordinal);
    }
}
