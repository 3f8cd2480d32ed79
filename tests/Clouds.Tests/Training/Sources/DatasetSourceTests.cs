using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Tests.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.Sources;

[Kind(TestKind.Fast)]
public class DatasetSourceTests
{
    [Fact]
    public void Parse_EveryKey_IsRead() => Assert.Equal(
        new StreetDatasetConfig { Style = StreetStyle.Snow, Count = 3, Width = 100, Height = 80, Seed = 7, Split = StreetSplit.Test },
        StreetSpec.Parse("streets:snow?count=3&width=100&height=80&seed=7&split=test"));

    [Theory]
    [InlineData("streets")]
    [InlineData("streets:")]
    [InlineData("streets:Source")]
    public void Parse_Nothing_MeansTheDefaults(string spec) => Assert.Equal(new StreetDatasetConfig(), StreetSpec.Parse(spec));

    [Fact]
    public void Open_Streets_RendersTheSameSceneEachTime()
    {
        IDataset data = DatasetSource.Open("streets:night?count=2&width=64&height=64");
        Sample first = data.Load(1);
        byte[] kept = [.. first.Image.Pixels];
        Array.Clear(first.Image.Pixels);
        Array.Clear(first.Labels.Ids);
        Sample second = data.Load(1);
        Assert.Equal(kept, second.Image.Pixels);
        Assert.Contains(second.Labels.Ids, id => id > 0);
        Assert.Equal("000001", second.Name);
        Assert.Equal("000001", data.SampleName(1));
    }

    [Fact]
    public void Open_TrainAndTestSplits_ShareNoScene()
    {
        Sample train = DatasetSource.Open("streets?count=1&width=64&height=64").Load(0);
        Sample test = DatasetSource.Open("streets?count=1&width=64&height=64&split=test").Load(0);
        Assert.NotEqual(train.Image.Pixels, test.Image.Pixels);
    }

    [Fact]
    public void Load_BeyondTheCount_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSource.Open("streets?count=1").Load(1));

    [Fact]
    public void Open_PathOfAFolderSet_OpensIt()
    {
        using FolderSet set = new();
        Assert.Equal(6, DatasetSource.Open(set.Json()).Count);
        Assert.Equal(set.Json(), DatasetSource.Absolute(Path.GetRelativePath(Environment.CurrentDirectory, set.Json())));
    }

    [Fact]
    public void OpenImages_FolderWithoutLabels_GivesItsImages()
    {
        using FolderSet set = new();
        IImageSet images = DatasetSource.OpenImages(set.Json(("labels", ""), ("subset", """{ "exclude": ["a"] }""")));
        Assert.IsNotType<IDataset>(images, exactMatch: false);
        Assert.Equal((5, "b"), (images.Count, images.SampleName(0)));
        Assert.Equal(ImageFile.Read(set["images/b.png"]).Pixels, images.LoadImage(0).Pixels);
    }

    [Fact]
    public void OpenImages_LabelledSet_GivesTheImagesOfItsSamples()
    {
        using FolderSet set = new();
        IDataset data = Assert.IsType<IDataset>(DatasetSource.OpenImages(set.Json()), exactMatch: false);
        Assert.Equal(data.Load(2).Image.Pixels, data.LoadImage(2).Pixels);
    }

    [Fact]
    public void Open_FolderWithoutLabels_SaysWhereLabelsAreNamed()
    {
        using FolderSet set = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open(set.Json(("labels", ""))));
        Assert.Equal((Failure.Usage, "the data set has no labels"), (failure.Failure, failure.What));
        Assert.Contains("\"labels\"", failure.Next);
    }

    [Fact]
    public void Check_FolderWithoutLabels_LooksAtTheImagesAlone()
    {
        using FolderSet set = new();
        File.WriteAllText(set["images/f.png"], "no image");
        DatasetReport report = DatasetSource.Check(set.Json(("labels", "")));
        Assert.Equal((false, 6, 5), (report.Labelled, report.Samples, report.Usable));
        Assert.Empty(report.Classes);
        Assert.Equal("f", Assert.Single(report.Problems).Sample);
    }

    [Theory]
    [InlineData("street:night", "did you mean 'streets'?")]
    [InlineData("imagenet:val", "choose one of these forms")]
    public void Open_UnknownScheme_ListsTheForms(string spec, string next)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open(spec));
        Assert.Equal((Failure.Usage, next), (failure.Failure, failure.Next));
        Assert.All(DatasetScheme.All, scheme => Assert.Contains(scheme.Form, failure.Message));
    }

    [Theory]
    [InlineData("streets:fgo", "did you mean 'fog'?")]
    [InlineData("streets?split=tset", "did you mean 'test'?")]
    [InlineData("streets?count=0", "1 to 1000000")]
    [InlineData("streets?seed=-1", "a whole number")]
    [InlineData("streets?count", "a whole number")]
    public void Open_WrongStreets_AreUsageFailures(string spec, string reason)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open(spec));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }
}
