using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Tests.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.Sources;

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
