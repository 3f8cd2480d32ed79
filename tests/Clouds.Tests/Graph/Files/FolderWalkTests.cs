using Clouds.Graph.Files;

namespace Clouds.Tests.Graph.Files;

[Kind(TestKind.Fast)]
public sealed class FolderWalkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_LinkToItsOwnFolder_ListsEachFileOnceAndTells()
    {
        Write("day/a.png", "night/b.png");
        Link("day/again", ".");

        Assert.Equal(["day/a.png", "night/b.png"], Files());
        Assert.Equal([$"{_folder["day/again"]} and {_folder["day"]} are one folder: its files are taken once, under the latter"], _told);
    }

    [Fact]
    public void Files_LinksToParentsFromEverywhere_End()
    {
        Write("a/x/1.png", "b/y/2.png");
        foreach (string folder in (string[])["a", "b", "a/x", "b/y"])
        {
            Link($"{folder}/up", "..");
            Link($"{folder}/here", ".");
            Link($"{folder}/top", _folder.Path);
            Link($"{folder}/other", _folder["a/x"]);
        }

        Assert.Equal(["a/x/1.png", "b/y/2.png"], Files());
    }

    [Fact]
    public void Files_LinkBeforeItsTarget_KeepTheRealName()
    {
        Write("z/a.png");
        Link("a", "z");

        Assert.Equal(["z/a.png"], Files());
    }

    [Fact]
    public void Files_FolderElsewhere_IsEnteredThroughTheFirstOfItsLinks()
    {
        using TemporaryFolder elsewhere = new();
        File.WriteAllText(elsewhere["deep/a.png"], "");
        Link("one", elsewhere.Path);
        Link("two", elsewhere["deep"]);
        Link("three", elsewhere.Path);

        Assert.Equal(["one/deep/a.png"], Files());
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void Files_NameThatFitsOnlyThroughALink_IsFound()
    {
        Write("store/frames/a.png");
        Link("img", "store/frames");

        Assert.Equal(["img/a.png"], FolderWalk.Files(_folder.Path, path => path.StartsWith("img/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_FolderThatIsALinkItself_IsWalked()
    {
        Write("real/a.png");
        Link("real/back", _folder["link"]);
        Link("link", "real");

        Assert.Equal(["a.png"], FolderWalk.Files(_folder["link"], _ => true));
    }

    [Fact]
    public void Files_TwoNamesOfOneFile_AreBothListedAndTold()
    {
        Write("a.png");
        Link("b.png", "a.png");

        Assert.Equal(["a.png", "b.png"], Files());
        Assert.Contains("one file under two names", Assert.Single(_told));
    }

    [Fact]
    public void Files_LinksThatLeadNowhere_AreNoFolders()
    {
        Write("a.png");
        Link("gone", "nothing");
        Link("round", "round");

        Assert.Equal(["a.png"], FolderWalk.Files(_folder.Path, path => path.EndsWith(".png", StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_Levels_LimitTheFoldersEntered()
    {
        Write("a.png", "s/b.png", "s/t/c.png");

        Assert.Equal(["a.png"], FolderWalk.Files(_folder.Path, _ => true, levels: 0));
        Assert.Equal(["a.png", "s/b.png"], FolderWalk.Files(_folder.Path, _ => true, levels: 1));
    }

    private IReadOnlyList<string> Files() => FolderWalk.Files(_folder.Path, _ => true, warn: _told.Add);

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            File.WriteAllText(_folder[file], "");
        }
    }

    private void Link(string name, string target)
    {
        if (Directory.Exists(Path.Combine(_folder.Path, Path.GetDirectoryName(name)!, target)))
        {
            Directory.CreateSymbolicLink(_folder[name], target);
        }
        else
        {
            File.CreateSymbolicLink(_folder[name], target);
        }
    }
}
