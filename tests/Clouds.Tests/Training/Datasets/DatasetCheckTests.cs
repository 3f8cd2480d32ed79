using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class DatasetCheckTests
{
    [Fact]
    public void Check_GoodFolder_CountsPixelsAndImages()
    {
        using FolderSet folder = new();
        folder.WriteLabel("labels/a.png", 0);
        List<ProgressReport> progress = [];

        DatasetReport report = DatasetSource.Check(folder.Json(), new Immediate(progress));

        Assert.Equal((6, 6), (report.Samples, report.Usable));
        Assert.Equal([new SizeCount(6, 4, 6)], report.Sizes);
        Assert.Equal([54, 30, 30], report.Classes.Select(count => (int)count.Pixels));
        Assert.Equal([6, 5, 5], report.Classes.Select(count => count.Images));
        Assert.Equal(54.0 / 114, report.Classes[0].Share);
        Assert.Equal(30, report.IgnoredPixels);
        Assert.Equal([1, 2, 3, 4, 5, 6], progress.Select(step => step.Done));
    }

    [Fact]
    public void Check_SeveralProblems_ListsAllOfThem()
    {
        using FolderSet folder = new();
        File.Delete(folder["labels/a.png"]);
        folder.WriteLabel("labels/c.png", 77);
        ImageFile.WritePng(folder["images/d.png"], Pictures.Noise(3, 3));
        File.WriteAllText(folder["images/f.png"], "no image");

        DatasetReport report = DatasetSource.Check(folder.Json());

        Assert.Equal((6, 2), (report.Samples, report.Usable));
        Assert.Equal(["a", "c", "d", "f"], report.Problems.Select(problem => problem.Sample));
        Assert.Contains("no label file", report.Problems[0].Message);
        Assert.Contains("id 77 on 24 pixels", report.Problems[1].Message);
        Assert.Contains("different sizes", report.Problems[2].Message);
        Assert.Contains("libvips", report.Problems[3].Message);
    }

    [Fact]
    public void Check_Cancelled_Stops()
    {
        using FolderSet folder = new();

        Assert.Throws<OperationCanceledException>(() => DatasetSource.Check(folder.Json(), cancellation: new CancellationToken(canceled: true)));
    }

    private sealed class Immediate(List<ProgressReport> reports) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => reports.Add(value);
    }
}
