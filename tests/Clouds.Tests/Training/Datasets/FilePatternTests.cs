using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class FilePatternTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FilePatternTests()
    {
        foreach (string file in (string[])["a.png", "b.PNG", "s/c.png", "s/t/d.png", "s/t/d_ids.png", "x.tar.png"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[$"set/{file}"])!);
            File.WriteAllText(_folder[$"set/{file}"], "");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("set/*.png", "set/a.png set/b.PNG set/x.tar.png")]
    [InlineData("./set//*.Png", "set/a.png set/b.PNG set/x.tar.png")]
    [InlineData("set\\*.png", "set/a.png set/b.PNG set/x.tar.png")]
    [InlineData("set/*/*.png", "set/s/c.png")]
    [InlineData("set/**/d*.png", "set/s/t/d.png set/s/t/d_ids.png")]
    [InlineData("set/b.png", "set/b.PNG")]
    [InlineData("set/B.PNG", "")]
    [InlineData("set/**.PNG", "set/a.png set/b.PNG set/s/c.png set/s/t/d.png set/s/t/d_ids.png set/x.tar.png")]
    [InlineData("**/c.png", "set/s/c.png")]
    [InlineData("set/s/**", "set/s/c.png set/s/t/d.png set/s/t/d_ids.png")]
    [InlineData("set/a.png", "set/a.png")]
    [InlineData("set/{folder}/{stem}_ids.png", "set/s/t/d_ids.png")]
    [InlineData("set/nothing*", "")]
    public void Files_OfAPattern_AreThoseThatFitInOrdinalOrder(string pattern, string expected) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), new FilePattern(_folder.Path, pattern).Files());

    [Fact]
    public void Files_PatternAboveTheRoot_KeepItsFixedPart()
    {
        FilePattern pattern = new(_folder["set/s"], "../*.png");

        Assert.Equal(["../a.png", "../b.PNG", "../x.tar.png"], pattern.Files());
        Assert.Equal("../", pattern.FixedPart);
    }

    [Theory]
    [InlineData("set/?.png", "a ? in \"?.png\"")]
    [InlineData("set/a**b/*.png", "** inside \"a**b\"")]
    [InlineData("set/*/../*.png", "\"..\"")]
    [InlineData("set/{stem}_*.png", "a * beside {stem}")]
    [InlineData("set/{stem}/**/a.png", "** behind {stem}")]
    public void Constructor_PartThatIsNotUnderstood_IsRefusedByName(string pattern, string found)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new FilePattern(_folder.Path, pattern));

        Assert.Equal((Failure.Usage, pattern), (failure.Failure, failure.Where));
        Assert.Contains(found, failure.Found);
        Assert.NotNull(failure.Next);
    }

    [Fact]
    public void Files_MissingFolder_IsBadInput()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new FilePattern(_folder.Path, "sat/*.png").Files());

        Assert.Equal((Failure.BadInput, _folder["sat/"]), (failure.Failure, failure.Where));
    }

    [Theory]
    [InlineData("gt/{stem}/*/ids.png", "gt/a/2/ids.png gt/b/1/ids.png")]
    [InlineData("gt/**/{folder}/{stem}/ids.png", "gt/1/s/a/ids.png gt/**/s/b/ids.png")]
    public void Find_StemInAFolderOfTheLabel_PairsByIt(string labels, string expected)
    {
        foreach (string file in (string[])["gt/a/2/ids.png", "gt/b/1/ids.png", "gt/1/s/a/ids.png", "gt/1/t/b/ids.png"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
            File.WriteAllText(_folder[file], "");
        }

        Assert.Equal(expected.Split(' '), LabelRule.FromPattern(labels).Find(_folder.Path, "images/", ["images/s/a.png", "images/s/b.png"]));
    }
}
