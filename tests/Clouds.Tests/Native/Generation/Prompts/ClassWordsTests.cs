using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class ClassWordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cityscapes_EveryClass_HasSynonymsThatAreItsOwn()
    {
        Assert.All(ClassSet.Cityscapes.Names, name =>
        {
            ClassWord[] words = [.. ClassWords.Cityscapes.Words.Where(word => word.Class == name)];
            Assert.InRange(words.Length, 2, 40);
            Assert.All(words, word => Assert.Equal([name], ClassWords.Cityscapes.In($"there is {word.Word} here")));
            Assert.All(words.Where(word => word.Spoken.Length > 0), word => Assert.Equal([name], ClassWords.Cityscapes.In(word.Spoken)));
        });
        Assert.Equal("vegetation", ClassWords.Cityscapes.Words.First(word => word.Word == "vegetation").Spoken);
        Assert.Equal("the sky", ClassWords.Cityscapes.Words.First(word => word.Word == "sky").Spoken);
    }

    [Theory]
    [InlineData("traffic_light", "two traffic lights")]
    [InlineData("TrafficLight", "a traffic light")]
    [InlineData("object--traffic-light", "a traffic light")]
    [InlineData("car;auto", "an auto")]
    [InlineData("car, truck", "trucks")]
    [InlineData("road (drivable)", "a road")]
    [InlineData("Cars", "a car")]
    [InlineData("Person", "a pedestrian")]
    [InlineData("Straße", "eine STRASSE, eine Straße")]
    public void In_NameAsProgramsWriteIt_IsReadAsPeopleSayIt(string name, string text) => Assert.Equal([name], Of(name).In(text));

    [Fact]
    public void In_SynonymThatIsTheNameOfAnotherClass_BelongsToThatClass()
    {
        ClassWords words = Of("vegetation", "tree", "van");
        Assert.Equal(["tree"], words.In("a tree"));
        Assert.Equal(["vegetation"], words.In("hedges"));
        Assert.Empty(words.In("a car"));
    }

    [Fact]
    public void Read_FurtherWords_AreFoundAndSpoken()
    {
        File.WriteAllText(_folder["words.tsv"], "# ours\nflood\tinundation\nflood\thigh water\thigh water\n-\tflood light\n");
        ClassWords words = new(Set("flood"), ClassWords.Read(_folder["words.tsv"]));
        Assert.Equal(["an inundation", "high water"], words.Words.Where(word => word.Class == "flood").Skip(1).Select(word => word.Spoken));
        Assert.Equal(["flood"], words.In("high waters"));
        Assert.Empty(words.In("flood lights"));
    }

    [Fact]
    public void Constructor_WordOfNoClassOrClassWithoutLetters_IsNamed()
    {
        Assert.Contains("'road'", Assert.Throws<CloudsException>(() => new ClassWords(Set("road"), [new("raod", "lane", "a lane")])).Message);
        Assert.Contains("???", Assert.Throws<CloudsException>(() => Of("road", "???")).Message);
        File.WriteAllText(_folder["words.tsv"], "lane");
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => ClassWords.Read(_folder["words.tsv"])).Failure);
    }

    internal static ClassSet Set(params string[] names) => new(names, [.. names.Select((_, i) => new RgbColour((byte)i, 0, 0))]);

    private static ClassWords Of(params string[] names) => new(Set(names));
}
