using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Scripts;

[Kind(TestKind.Fast)]
public sealed class FetchNvrtcTests : IDisposable
{
    private const string Script = "tools/fetch-nvrtc.sh";
    private const string Keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
    private const string NoSource = "none of this machine's package sources serves Debian bookworm's non-free packages now:\nfetch-nvrtc.sh: ";
    private readonly ScriptMachine _machine = new();

    public FetchNvrtcTests() => Assert.SkipUnless(File.Exists(Keys), $"this machine is not Debian's: no {Keys}");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Fetch_PackagesAreServed_PrintsTheFolderOfTheLibraries()
    {
        CommandLineRun run = _machine.Run(Script);
        string folder = Path.Combine(_machine.Home, ".local/share/clouds/nvrtc/lib");
        Assert.Equal(folder + "\n", run.Out);
        Assert.Equal(["libnvrtc-builtins.so.11.8.89", "libnvrtc.so.11.2"], Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Fetch_DataFolderIsNamed_PutsThemThere()
        => Assert.StartsWith(_machine["data"], _machine.Set("XDG_DATA_HOME", _machine["data"]).Set("HOME", null).Run(Script).Out, StringComparison.Ordinal);

    [Fact]
    public void Fetch_LibrariesAreThere_AsksNobody()
    {
        _machine.Run(Script);
        CommandLineRun again = _machine.Without("apt-get").Run(Script);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
    }

    [Fact]
    public void Fetch_SourceServesOtherPackages_AsksTheNext()
    {
        _machine.Play("apt-get", """
            case "$*" in
              *indextargets*) echo http://mirror.example/other; echo http://mirror.example/debian ;;
              *update*) [[ "$(<$(echo $HOME/.local/share/clouds/nvrtc/apt.*/sources.list))" = *'mirror.example/debian bookworm main non-free' ]] ;;
              *download*) touch nvrtc.deb ;;
            esac
            """);
        CommandLineRun run = _machine.Run(Script);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Theory]
    [InlineData("apt-get", "exit 100", "apt-get does not say where this machine gets its packages from")]
    [InlineData("apt-get", "exit 0", "no package source is set up in /etc/apt")]
    [InlineData("apt-get", "[[ $* = *indextargets* ]] && echo http://mirror.example", NoSource + "http://mirror.example\n")]
    [InlineData("apt-get", "[[ $* != *indextargets* ]] || echo a; [[ $* != *download* ]]", "apt-get download libnvrtc11.2 libnvrtc-builtins11.8 failed")]
    [InlineData("dpkg", "exit 2", "dpkg cannot unpack")]
    [InlineData("dpkg", "mkdir -p \"$3\"", "the packages do not hold the expected libraries")]
    [InlineData("uname", "echo Linux aarch64", "the packages are for Linux x86_64; this is Linux aarch64")]
    public void Fetch_CommandFails_SaysWhatThatMeansAndLeavesNothing(string command, string body, string sentence)
    {
        AssertSays(sentence, _machine.Play(command, body));
        string cache = Path.Combine(_machine.Home, ".local/share/clouds/nvrtc");
        Assert.DoesNotContain(Directory.Exists(cache) ? Directory.GetFileSystemEntries(cache) : [], entry => entry.Contains("/apt.", StringComparison.Ordinal));
    }

    [Fact]
    public void Fetch_NoFolderIsNamed_SaysSo() => AssertSays("neither XDG_DATA_HOME nor HOME says where to put it", _machine.Set("HOME", null));

    [Fact]
    public void Fetch_FolderCannotBeWritten_NamesIt() => AssertSays("cannot write to /dev/null/clouds/nvrtc", _machine.Set("XDG_DATA_HOME", "/dev/null"));

    [Theory]
    [InlineData("a.list", "deb [arch=amd64] http://mirror.example/debian bookworm main", "http://mirror.example/debian")]
    [InlineData("a.sources", "Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: trixie sid\nComponents: main", "http://mirror.example/debian")]
    [InlineData("a.sources", "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/a.list\nSuites: sid\nComponents: main", "mirror+file:/etc/apt/mirrors/a.list")]
    public void Fetch_ListsWereNeverFetched_FindsTheMachinesSource(string file, string text, string source)
        => AssertSays($"{NoSource}{source}\n", WithRealApt(file, text));

    [Fact]
    public void Fetch_NoSourceIsSetUp_SaysSo() => AssertSays("no package source is set up in /etc/apt", WithRealApt("a.sources.disabled", ""));

    private void AssertSays(string sentence, ScriptMachine machine)
    {
        CommandLineRun run = machine.Run(Script);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"fetch-nvrtc.sh: {sentence}", run.Error, StringComparison.Ordinal);
    }

    /// <summary>The system's apt with one source, no lists, and nothing that it could reach.</summary>
    private ScriptMachine WithRealApt(string file, string text)
    {
        File.WriteAllText(_machine[Path.Combine("sources", file)], text + "\n");
        File.WriteAllText(_machine["apt.conf"], $"""
            Dir::Etc::SourceList "/dev/null";
            Dir::Etc::SourceParts "{_machine["sources"]}";
            Dir::State::Lists "{Directory.CreateDirectory(_machine["lists"]).FullName}";
            Acquire::http::Proxy "http://127.0.0.1:9";
            Acquire::Retries "0";

            """);
        return _machine.WithReal("apt-get").Set("APT_CONFIG", _machine["apt.conf"]);
    }
}
