using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class WrittenPathTests : IDisposable
{
    private readonly FolderSet _folder = new("ab");
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a\\b\\*.png", "a/b/*.png")]
    [InlineData("./a//./b/", "a/b/")]
    [InlineData("/a/b", "/a/b")]
    [InlineData("../a", "../a")]
    [InlineData("a~/~", "a~/~")]
    [InlineData("~x/a", "~x/a")]
    [InlineData(".", "")]
    public void Read_AnySpelling_GivesNamesBetweenSlashes(string written, string path) => Assert.Equal(path, WrittenPath.Read(written));

    [Fact]
    public void Read_Tilde_IsTheHomeFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Equal((home, $"{home}/data/*.png"), (WrittenPath.Read("~"), WrittenPath.Read("~\\data\\*.png")));
    }

    [Fact]
    public void Open_AbsoluteOrBackslashedPaths_InEveryField()
    {
        string images = _folder["images"].Replace('/', '\\');
        (string, string)[][] spellings =
        [
            [("images", $"\"{_folder["images"]}/*.png\""), ("labels", $"\"{_folder["labels"]}/{{stem}}.png\"")],
            [("images", "\"images\\\\*.png\""), ("labels", "\"labels\\\\{stem}.png\"")],
            [("images", $"\"{_folder["images"]}/*.png\""), ("labels", $"\"{_folder["labels"]}/**/{{stem}}.png\"")],
            [("root", "\"images\\\\..\""), ("labels", """{"replace": [["images\\", "labels\\"]]}""")],
            [("images", $"\"{images.Replace("\\", "\\\\", StringComparison.Ordinal)}\\\\*.png\""),
                ("labels", """{"replace": [["/images/", "/labels/"]]}""")],
        ];

        Assert.All(spellings, spelling => Assert.Equal(
            [0, 1, 2, 255], FolderDataset.Open(_folder.Json(spelling)).Load(1).Labels.Ids[..4].Select(id => (int)id)));
    }

    [Fact]
    public void Open_EndingsOfAnyCase_AreFoundInImagesAndLabels()
    {
        File.Move(_folder["images/b.png"], _folder["images/b.PNG"]);
        File.Move(_folder["labels/a.png"], _folder["labels/a.Png"]);

        foreach (string labels in (string[])["\"labels/{stem}.png\"", "\"**/labels/{stem}.PNG\"", """{"replace": [["images/", "labels/"]]}"""])
        {
            FolderDataset data = FolderDataset.Open(_folder.Json(("labels", labels)));
            Assert.Equal(["a", "b"], Enumerable.Range(0, data.Count).Select(i => data.Load(i).Name));
        }
    }

    [Fact]
    public void Open_ImagesThatDifferInTheCaseOfTheirEnding_AreAnError()
    {
        File.Copy(_folder["images/b.png"], _folder["images/b.PNG"]);

        Assert.Contains("b.PNG", Assert.Throws<CloudsException>(() => FolderDataset.Open(_folder.Json())).Message);
    }

    [Fact]
    public void Open_BitmapsAndGifsBesideTheImages_AreToldWithTheirNumber()
    {
        "cde".ToList().ForEach(name => File.WriteAllText(_folder[$"images/{name}.BMP"], "BM"));
        File.WriteAllText(_folder["images/f.gif"], "GIF89a");

        Assert.Equal(2, FolderDataset.Open(_folder.Json(), _said.Add).Count);

        Assert.Contains("3 BMP (c.BMP, d.BMP, e.BMP), 1 GIF (f.gif)", Assert.Single(_said));
    }

    [Fact]
    public void Check_BitmapsAndFloatsThatThePatternTakes_AreListedAndTheOthersUsed()
    {
        File.WriteAllText(_folder["images/c.bmp"], "BM and so on");
        File.WriteAllBytes(_folder["images/d.tif"], Clouds.Tests.Native.Images.DeclaredSizes.TiffOf(NetVips.Enums.BandFormat.Float, 1));
        "cd".ToList().ForEach(name => _folder.WriteLabel($"labels/{name}.png", 0));

        DatasetReport report = DatasetSource.Check(_folder.Json(("images", "\"images/*.*\"")));

        Assert.Equal((4, 2), (report.Samples, report.Usable));
        Assert.Equal(["c", "d"], report.Problems.Select(problem => problem.Sample));
        Assert.Contains("type float", report.Problems[1].Message);
    }
}
