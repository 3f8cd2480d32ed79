using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class UsableSamplesTests : IDisposable
{
    private readonly FolderSet _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_GoodSet_IsTheSetItself()
    {
        IDataset data = DatasetSource.Open(_folder.Json());

        Assert.Same(data, UsableSamples.Of(data, DatasetCheck.Run(data), new DataConfig(), _said.Add));
        Assert.Empty(_said);
    }

    [Fact]
    public void Of_SetWithBadSamples_LeavesThemOutAndTellsEachKindOnce()
    {
        ImageFile.WritePng(_folder["images/a.png"], Pictures.Noise(3, 3));
        ImageFile.WritePng(_folder["images/d.png"], Pictures.Noise(5, 5));
        File.WriteAllText(_folder["images/c.png"], "no image");

        IDataset usable = Usable(new DataConfig());

        Assert.Equal(["b", "e", "f"], Enumerable.Range(0, usable.Count).Select(usable.SampleName));
        Assert.Equal("f", usable.Load(2).Name);
        Assert.Equal(
            ["set: 2 of 6 samples left out: image and label have different sizes: a, d", "set: 1 of 6 samples left out: the image cannot be decoded: c"],
            _said);
    }

    [Theory]
    [InlineData("\"resized\"", true)]
    [InlineData("\"original\"", false)]
    [InlineData("", false)]
    public void Of_SetWithABadSample_IsStillWhatTheSetIs(string scoredAt, bool resized)
    {
        File.WriteAllText(_folder["images/c.png"], "no image");
        IDataset data = DatasetSource.Open(_folder.Json(("scoredAt", scoredAt)));

        IDataset usable = UsableSamples.Of(data, DatasetCheck.Run(data), new DataConfig());

        Assert.Equal((5, resized), (usable.Count, usable.ScoredResized));
        Assert.Equal(data.Facts, usable.Facts);
        Assert.Equal(data.Files(3), usable.Files(2));
    }

    [Theory]
    [InlineData("images/a.png", true)]
    [InlineData("images/a.png", false)]
    public void Of_RuleFail_RefusesWithTheSampleAndTheSetting(string image, bool mismatch)
    {
        File.WriteAllBytes(_folder[image], mismatch ? ImageFile.EncodePng(Pictures.Noise(3, 3)) : [1, 2, 3]);
        DataConfig strict = mismatch ? new() { OnMismatch = BadSample.Fail } : new() { OnUnreadable = BadSample.Fail };

        CloudsException failure = Assert.Throws<CloudsException>(() => Usable(strict));

        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.EndsWith(": a", failure.Found);
        Assert.Contains(mismatch ? "data.onMismatch=skip" : "data.onUnreadable=skip", failure.Next);
    }

    [Fact]
    public void Of_SetWithoutAClassLeft_IsAFailure()
    {
        "abcdef".ToList().ForEach(name => _folder.WriteLabel($"labels/{name}.png", 9));

        Assert.Contains("no pixel of the data set has a class", Assert.Throws<CloudsException>(() => Usable(new DataConfig())).Message);
    }

    private IDataset Usable(DataConfig config)
    {
        IDataset data = DatasetSource.Open(_folder.Json());
        return UsableSamples.Of(data, DatasetCheck.Run(data), config, _said.Add);
    }
}
