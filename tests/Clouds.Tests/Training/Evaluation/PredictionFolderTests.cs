using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class PredictionFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("identity", new ushort[] { 0, 10, 255, 18 }, new ushort[] { 0, 10, 255, 18 })]
    [InlineData("cityscapes", new ushort[] { 7, 23, 0, 33 }, new ushort[] { 0, 10, 255, 18 })]
    [InlineData("mapillary-v1.2", new ushort[] { 24, 27, 65, 52 }, new ushort[] { 0, 10, 255, 18 })]
    public void Read_Ids_BecomeTrainIds(string idMap, ushort[] written, ushort[] read)
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, written));
        Assert.Equal(read, Open(idMap).Read("a", 2, 2).Ids);
    }

    [Fact]
    public void Read_Colours_BecomeTheirClasses()
    {
        ImageFile.WritePng(_folder["a.png"], new RgbImage(2, 2, [128, 64, 128, 70, 130, 180, 0, 0, 0, 119, 11, 32]));
        Assert.Equal(new ushort[] { 0, 10, 255, 18 }, Open("colours").Read("a", 2, 2).Ids);
        ImageFile.WritePng(_folder["a.png"], new RgbImage(2, 2, [128, 64, 128, 70, 130, 180, 0, 0, 1, 119, 11, 32]));
        Assert.Contains("0,0,1", Assert.Throws<CloudsException>(() => Open("colours").Read("a", 2, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OwnMap_SaysWhatItLacks()
    {
        File.WriteAllText(_folder["map.json"], """{ "3": "road", "4": 10, "9": "ignore" }""");
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, [3, 4, 9, 3]));
        Assert.Equal(new ushort[] { 0, 10, 255, 0 }, Open(_folder["map.json"]).Read("a", 2, 2).Ids);
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, [3, 4, 9, 5]));
        CloudsException failure = Assert.Throws<CloudsException>(() => Open(_folder["map.json"]).Read("a", 2, 2));
        Assert.Contains("id 5", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cityscape", "did you mean cityscapes?")]
    [InlineData("/nowhere/map.json", "identity, cityscapes")]
    public void New_UnknownMap_IsUsage(string idMap, string reason)
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2));
        CloudsException failure = Assert.Throws<CloudsException>(() => Open(idMap));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherSize_IsToldOrResizedAsPillowDoes()
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(3, 2, [0, 1, 2, 3, 4, 5]));
        CloudsException failure = Assert.Throws<CloudsException>(() => Open("identity").Read("a", 2, 2));
        Assert.Contains("3 x 2 pixels", failure.Message, StringComparison.Ordinal);
        Assert.Contains("evaluation.predictions.resize=true", failure.Message, StringComparison.Ordinal);
        Assert.Equal(new ushort[] { 0, 2, 3, 5 }, Open("identity", resize: true).Read("a", 2, 2).Ids);
    }

    private PredictionFolder Open(string idMap, bool resize = false) => new(_folder.Path, new One(), new PredictionConfig { IdMap = idMap, Resize = resize });

    private sealed class One : IDataset
    {
        public string Name => "one";

        public int Count => 1;

        public ClassSet Classes => ClassSet.Cityscapes;

        public RgbImage LoadImage(int index) => new(2, 2);

        public Sample Load(int index) => new(new RgbImage(2, 2), new LabelMap(2, 2), "a");

        public string SampleName(int index) => "a";
    }
}
