using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class FolderDescriptionTests
{
    [Theory]
    [InlineData("imges", "1", "imges", "images")]
    [InlineData("subset", """{"evry": 2}""", "subset.evry", "every")]
    [InlineData("idMap", "\"citycapes\"", "idMap", "cityscapes")]
    [InlineData("classes", """[{"name": "road", "color": [1, 2, 3]}]""", "classes[0].color", "colour")]
    public void Read_UnknownName_OffersTheNearest(string key, string value, string where, string meant)
    {
        CloudsException failure = Refused((key, value));

        Assert.Contains(where, failure.Where);
        Assert.Contains($"did you mean \"{meant}\"?", failure.Message);
    }

    [Theory]
    [InlineData("images", "", "\"images\"")]
    [InlineData("labels", "\"labels/fixed.png\"", "{stem}")]
    [InlineData("labels", """{"replace": []}""", "at least one pair")]
    [InlineData("labels", """{"replace": [["a"]]}""", "a pair")]
    [InlineData("labels", """{"pattern": "{stem}.png", "replace": [["a", "b"]]}""", "\"pattern\" or \"replace\"")]
    [InlineData("labels", """{"scale": "full"}""", "\"pattern\" or \"replace\"")]
    [InlineData("labels", """{"pattern": "{stem}.png", "scale": "half"}""", "none, full")]
    [InlineData("labels", """{"pattern": "{stem}.png", "colours": "classes", "scale": "full"}""", "no \"scale\"")]
    [InlineData("idMap", """{"0": 3}""", "a train id from 0 to 2")]
    [InlineData("idMap", """{"x": 0}""", "a source id")]
    [InlineData("idMap", """{"70000": 0}""", "a source id")]
    [InlineData("idMap", """{"7": 0, "07": 1}""", "a key stands twice")]
    [InlineData("idMap", """{"07": 1}""", "expected  7")]
    [InlineData("idMap", """{"7": 0, "+7": 1}""", "\"7\", which stands there too")]
    [InlineData("labels", """{"pattern": "{stem}.png", "colours": {"0,0,0": 0, "0, 0, 0": 1}}""", "\"0,0,0\", which stands there too")]
    [InlineData("idMap", "\"synthia\"", "prepared maps lead to 19 classes")]
    [InlineData("ignore", "-1", "from 0 to 65535")]
    [InlineData("unlisted", "\"drop\"", "ignore, error")]
    [InlineData("classes", "[]", "class list")]
    [InlineData("classes", """[{"name": "road", "colour": [1, 2, 300]}]""", "from 0 to 255")]
    [InlineData("classes", """[{"name": "a", "colour": [1, 2, 3]}, {"name": "a", "colour": [1, 2, 3]}]""", "used twice")]
    [InlineData("subset", """{"every": 2, "offset": 2}""", "offset")]
    [InlineData("subset", """{"every": 2, "notEvery": 2}""", "notEvery")]
    [InlineData("scoredAt", "\"resised\"", "original, resized")]
    [InlineData("name", "7", "a string")]
    [InlineData("name", "\"a\" nonsense", "not valid JSON")]
    [InlineData("name", "\"a\", \"name\": \"b\"", "a key stands twice")]
    public void Read_WrongValue_SaysWhatIsExpected(string key, string value, string expected) =>
        Assert.Contains(expected, Refused((key, value)).Message);

    [Fact]
    public void Read_SubsetNameThatDoesNotExist_OffersTheNearest()
    {
        using FolderSet folder = new();

        string message = Assert.Throws<CloudsException>(() => FolderDataset.Open(folder.Json(("subset", """{"exclude": ["q"]}""")))).Message;

        Assert.Contains("does not exist", message);
    }

    [Fact]
    public void Read_FolderInPlaceOfItsFile_NamesTheFileOrWhatWritesOne()
    {
        using FolderSet folder = new("a");
        string path = Path.GetDirectoryName(folder.Json())!;

        Assert.Contains("clouds data init", Assert.Throws<CloudsException>(() => FolderDataset.Open(path)).Next);
        File.WriteAllText(folder["dataset.json"], "{}");
        Assert.Contains(folder["dataset.json"], Assert.Throws<CloudsException>(() => FolderDataset.Open(path)).Next);
    }

    [Fact]
    public void Read_PreparedMap_IgnoresWhatItDoesNotList()
    {
        using FolderSet folder = new();
        folder.WriteLabel("labels/a.png", 7, 33, 3, 40);

        FolderDataset dataset = FolderDataset.Open(folder.Json(("classes", "\"cityscapes\""), ("idMap", "\"cityscapes\""), ("ignore", "")));

        Assert.Equal([0, 18, 255, 255], dataset.Load(0).Labels.Ids[..4].Select(id => (int)id));
        Assert.Equal(19, dataset.Classes.Count);
    }

    private static CloudsException Refused((string Key, string Value) member)
    {
        using FolderSet folder = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => FolderDataset.Open(folder.Json(member)));
        Assert.Equal(Failure.Usage, failure.Failure);
        return failure;
    }
}
