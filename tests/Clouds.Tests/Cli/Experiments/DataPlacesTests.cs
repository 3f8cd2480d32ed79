using Clouds.Cli.Experiments;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Experiments;

[Kind(TestKind.Fast)]
public sealed class DataPlacesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gta5", "gta5:ROOT/gta5")]
    [InlineData("cityscapes", "cityscapes:ROOT/cityscapes?split=val")]
    [InlineData("cityscapes_train", "cityscapes:ROOT/cityscapes?split=train")]
    [InlineData("acdc_rain", "acdc:ROOT/acdc?condition=rain")]
    [InlineData("streets:fog?count=2", "streets:fog?count=2")]
    public void SpecOf_Names_AreFoldersBelowTheRoot(string name, string spec) =>
        Assert.Equal(spec.Replace("ROOT", _folder.Path, StringComparison.Ordinal), new DataPlaces(_folder.Path, []).SpecOf(name));

    [Fact]
    public void SpecOf_FolderOfAnotherUsualName_IsFound()
    {
        Directory.CreateDirectory(_folder["bdd10k"]);
        DataPlaces places = new(_folder.Path, []);
        Assert.Equal($"bdd100k:{_folder["bdd10k"]}?split=val", places.SpecOf("bdd100k"));
        Assert.True(places.Has("bdd100k"));
    }

    [Fact]
    public void All_Sets_AreKnownToTheReaderOfDataSets() => Assert.All(PaperSet.All, set => Assert.NotEmpty(set.Home));

    [Fact]
    public void SpecOf_SetWithAPlaceOfItsOwn_IsThere()
    {
        Directory.CreateDirectory(_folder["city"]);
        DataPlaces places = new("/nowhere", [$"cityscapes={_folder["city"]}", "gta5=streets:source?count=3", "bdd100k=bdd.json"]);
        Assert.Equal($"cityscapes:{_folder["city"]}?split=val", places.SpecOf("cityscapes"));
        Assert.Equal("streets:source?count=3", places.SpecOf("gta5"));
        Assert.Equal("bdd.json", places.SpecOf("bdd100k"));
        Assert.True(places.Has("cityscapes"));
        Assert.False(places.Has("synthia"));
    }

    [Theory]
    [InlineData("cityscape=/x", "did you mean 'cityscapes'?")]
    [InlineData("cityscapes", "NAME=FOLDER")]
    [InlineData("cityscapes=", "NAME=FOLDER")]
    [InlineData("=x", "NAME=FOLDER")]
    public void Places_WrongText_SaysWhat(string text, string expected)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => new DataPlaces(null, [text]));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
