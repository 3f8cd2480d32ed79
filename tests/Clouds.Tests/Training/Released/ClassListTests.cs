using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Released;

namespace Clouds.Tests.Training.Released;

[Kind(TestKind.Fast)]
public sealed class ClassListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("road, railroad\ncat\n")]
    [InlineData("\uFEFFroad,railroad\r\n\r\n# animals\r\n  cat   # small\r\n")]
    [InlineData("0:road,railroad\n1:cat")]
    [InlineData("0:invalid_class_id\n1:road,railroad\n2:cat\n")]
    [InlineData("""[{ "name": "road", "synonyms": ["road", "railroad"] }, "cat"]""")]
    [InlineData("""{ "classes": [{ "name": "road", "synonyms": ["railroad"] }, { "name": "cat" }] }""")]
    public void Read_ListInAnyForm_HasItsNames(string text)
    {
        ClassList classes = Read(text);
        Assert.Equal(["road", "cat"], classes.Classes.Names);
        Assert.Equal(["road,railroad", "cat"], classes.Synonyms.Select(names => string.Join(',', names)));
    }

    [Fact]
    public void Read_SingleNameOfCityscapes_HasItsSynonyms() => Assert.Equal(["sky", "clouds"], Read("sky").Synonyms[0]);

    [Fact]
    public void Read_DescriptionOfADataSet_IsCityscapes() => Assert.Same(ClassList.Cityscapes, Read("""{ "classes": "cityscapes" }"""));

    [Fact]
    public void Read_Colours_AreThoseOfTheFile() => Assert.Equal(
        [new RgbColour(1, 2, 3), ClassList.Numbered(2).Classes.Colours[1]],
        Read("""[{ "name": "cat", "colour": [1, 2, 3] }, { "name": "dog" }]""").Classes.Colours);

    [Fact]
    public void Cityscapes_HasTheReferencesNames()
    {
        Assert.Equal(60, ClassList.Cityscapes.Synonyms.Sum(names => names.Count));
        ClassList named = ClassList.Named([.. ClassSet.Cityscapes.Names.Select(name => (IReadOnlyList<string>)[name])]);
        Assert.Equal(ClassSet.Cityscapes.Colours, named.Classes.Colours);
    }

    [Fact]
    public void Numbered_AsManyAsThereCanBe_HasColoursThatDiffer()
    {
        ClassList classes = ClassList.Numbered(ClassSet.MaximumCount);
        Assert.Equal("class 253", classes.Classes.Names[^1]);
        Assert.Equal(classes.Classes.Count, classes.Classes.Colours.Distinct().Count());
        Assert.Equal(new RgbColour(128, 0, 0), classes.Classes.Colours[0]);
    }

    [Theory]
    [InlineData("road,,railroad", "line 1")]
    [InlineData("cat\n,\n", "line 2")]
    [InlineData("0:cat\n2:dog", "line 2")]
    [InlineData("cat\n1:dog", "line 2")]
    [InlineData("""[{ "name": "cat", "color": [1, 2, 3] }]""", "colour")]
    [InlineData("""[{ "colour": [1, 2, 3] }]""", "name")]
    [InlineData("""["cat", 3]""", "[1]")]
    public void Read_ListThatIsWrong_SaysWhere(string text, string where)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => Read(text));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains(where, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("cat\ndog\ncat")]
    public void Read_NoClassesOrOneTwice_IsRefused(string text) => Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => Read(text)).Failure);

    [Fact]
    public void Read_FileThatIsNotThere_IsRefused() =>
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => ClassListFile.Read(_folder["no.txt"])).Failure);

    private ClassList Read(string text)
    {
        File.WriteAllText(_folder["classes"], text);
        return ClassListFile.Read(_folder["classes"]);
    }
}
