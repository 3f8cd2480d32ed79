using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
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
    public void Check_PairOfDifferentSizes_IsAMismatchAndNoOtherProblemIs()
    {
        using FolderSet folder = new();
        ImageFile.WritePng(folder["images/b.png"], Pictures.Noise(3, 3));
        File.WriteAllText(folder["images/f.png"], "no image");

        DatasetReport report = DatasetSource.Check(folder.Json());

        Assert.Equal([("b", true), ("f", false)], report.Problems.Select(problem => (problem.Sample, problem.Mismatch)));
        Assert.Equal("image and label have different sizes", report.Problems[0].What);
    }

    [Fact]
    public void Check_IgnoredPixels_AreCountedForTheSetAndEachImage()
    {
        using FolderSet folder = new("abc");
        folder.WriteLabel("labels/a.png", 9);
        folder.WriteLabel("labels/b.png", 0, 9, 9, 9);

        DatasetReport report = DatasetSource.Check(folder.Json());

        Assert.Equal([24, 18, 6], report.Coverage.Select(sample => sample.Ignored));
        Assert.Equal(48, report.IgnoredPixels);
        Assert.Equal(["66.7 % of the pixels are ignored", "2 of 3 images are ignored for more than half: a (100.0 %), b (75.0 %)"], report.Findings.Take(2));
        Assert.Contains("id 9 on 100.0 %", report.Findings[2]);
        Assert.False(report.Nothing);
    }

    [Theory]
    [InlineData(9, "id 9 on 100.0 %")]
    [InlineData(26001, "look like instance ids")]
    public void Check_EveryPixelIgnored_IsNothingToLearn(ushort id, string finding)
    {
        using FolderSet folder = new("ab");
        folder.WriteLabel("labels/a.png", id);
        folder.WriteLabel("labels/b.png", id);

        DatasetReport report = DatasetSource.Check(folder.Json(("unlisted", "\"ignore\"")));

        Assert.True(report.Nothing);
        Assert.Contains(finding, Assert.Single(report.Findings));
        Assert.Contains("2 samples whose pixels are all ignored", report.NothingLeft().Message);
    }

    [Fact]
    public void Check_MaskWhoseForegroundIsTheIgnoreId_TellsThatAClassNeverOccurs()
    {
        using FolderSet folder = new("a");
        folder.WriteLabel("labels/a.png", 0, 255);

        DatasetReport report = DatasetSource.Check(folder.Json());

        Assert.Equal("2 of 3 classes never occur: sky, car", report.Findings[0]);
        Assert.Contains("id 255 on 50.0 %", report.Findings[1]);
    }

    [Fact]
    public void Check_DescriptionWithoutClasses_SaysWhatItAssumes()
    {
        using FolderSet folder = new("a");
        List<string> said = [];

        DatasetSource.Check(folder.Json(("classes", "")), warn: said.Add);

        Assert.Contains("the 19 of Cityscapes are assumed, and their train ids", Assert.Single(said));
    }

    [Fact]
    public void Check_DamagedImage_IsListedAndUsable()
    {
        using FolderSet folder = new("ab");
        File.WriteAllBytes(folder["images/b.png"], Jpegs.CutAndClosed(ImageFile.EncodeJpeg(Pictures.Noise(160, 120))));
        LabelPng.WriteGray8(folder["labels/b.png"], new LabelMap(160, 120));
        List<string> said = [];

        DatasetReport report = DatasetSource.Check(folder.Json(), warn: said.Add);

        Assert.Equal((2, 2), (report.Samples, report.Usable));
        Assert.Equal("b", Assert.Single(report.Damaged).Sample);
        Assert.Empty(said);
    }

    [Fact]
    public void Report_KeptAsJson_ComesBackEqual()
    {
        using FolderSet folder = new("ab");
        ImageFile.WritePng(folder["images/b.png"], Pictures.Noise(3, 3));
        DatasetReport report = DatasetSource.Check(folder.Json());

        string json = JsonSerializer.Serialize(report);

        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<DatasetReport>(json)));
        Assert.True(JsonSerializer.Deserialize<DatasetReport>(json)!.Problems[0].Mismatch);
    }

    [Fact]
    public void Check_PictureThatIsThereTwice_IsNamedByItsPixels()
    {
        using FolderSet folder = new("abcd");
        ImageFile.WritePng(folder["images/d.png"], Pictures.Noise(6, 4, 'a'));
        File.WriteAllBytes(folder["images/b.png"], new PngWriter(6, 4, 8, 2, 3).Encode((x, y, c) => Pictures.Noise(6, 4, 'a').Pixels[(3 * ((6 * y) + x)) + c]));

        DatasetReport report = DatasetSource.Check(folder.Json());

        Assert.Equal(4, report.Usable);
        Assert.Equal(["2 images repeat another, pixel by pixel: a = b = d"], report.Findings);
    }

    [Fact]
    public void Shared_PicturesOfTwoSets_AreNamedWithTheirNamesInBoth()
    {
        using FolderSet train = new("abc"), val = new("cde");
        File.Move(val["images/c.png"], val["images/z.png"]);
        File.Move(val["labels/c.png"], val["labels/z.png"]);
        IReadOnlyList<SampleContent> first = DatasetSource.Check(train.Json()).Contents, second = DatasetSource.Check(val.Json()).Contents;

        Assert.Equal("1 images are in val too, pixel by pixel: c = z", SampleContent.Shared(first, second, "val"));
        Assert.Null(SampleContent.Shared(first.Take(2), second, "val"));
    }

    // Equal bytes of pixels, another shape.
    [Fact]
    public void Content_OfAnotherShape_IsAnother() => Assert.NotEqual(
        SampleContent.Of("a", new RgbImage(6, 4)).Digest, SampleContent.Of("a", new RgbImage(4, 6)).Digest);

    [Fact]
    public void Check_LabelsWithoutAnImage_AreTold()
    {
        using FolderSet folder = new("ab");
        folder.WriteLabel("labels/c.png", 0, 1, 2);
        folder.WriteLabel("labels/a_labelTrainIds.png", 0);

        Assert.Equal([$"1 label files have no image: {folder["labels/c.png"]}"], DatasetSource.Check(folder.Json()).Findings);
        Assert.Equal([$"1 label files have no image: {folder["labels/c.png"]}"], DatasetSource.Check(folder.Json(("subset", """{"first": 1}"""))).Findings);
    }

    [Fact]
    public void Check_Price_IsBytesOfTheFilesAndMemoryOfTheLargestSample()
    {
        using FolderSet folder = new("ab");
        DatasetPrice price = DatasetSource.Check(folder.Json()).Price;

        long bytes = ((string[])["images/a.png", "images/b.png", "labels/a.png", "labels/b.png"]).Sum(file => new FileInfo(folder[file]).Length);
        Assert.Equal((bytes, 24 * 5), (price.FileBytes, price.LargestSampleBytes));
        Assert.InRange(price.SecondsPerSample, 1e-7, 1);
        Assert.Equal(100 * price.SecondsPerSample, price.Time(100).TotalSeconds, 1e-5);
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
