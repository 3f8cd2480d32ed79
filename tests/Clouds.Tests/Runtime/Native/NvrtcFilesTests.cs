using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Native;

[Kind(TestKind.Fast)]
public sealed class NvrtcFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NewestFirst_OlderOneInTheFirstPlace_ComesBehindTheNewerOne()
    {
        string debian = Library("debian", "libnvrtc.so.11.2", "libnvrtc.so.11.8.89");
        string toolkit = Library("toolkit", "libnvrtc.so.12", "libnvrtc.so.12.4.99");
        string pip = Library("pip", "libnvrtc.so.12");
        File.WriteAllText(_folder["pip/libnvrtc-builtins.so.12.9"], "");
        string[] found = [.. NvrtcFiles.NewestFirst([_folder["debian"], _folder["toolkit"], _folder["pip"]])];
        Assert.Equal(["libnvrtc.so.13", pip, toolkit, "libnvrtc.so.12", debian], found[..5]);
    }

    [Fact]
    public void NewestFirst_EqualVersions_KeepTheOrderOfTheirPlaces()
    {
        string here = Library("here", "libnvrtc.so.13", "libnvrtc.so.13.1.5");
        string there = Library("there", "libnvrtc.so.13", "libnvrtc.so.13.1.80");
        Assert.Equal([here, there, "libnvrtc.so.13"], NvrtcFiles.NewestFirst([_folder["here"], _folder["there"]]).Take(3));
    }

    [Theory]
    [InlineData("libnvrtc.so.13", 13, 0)]
    [InlineData("libnvrtc.so.11.2", 11, 2)]
    [InlineData("libnvrtc.so", 0, 0)]
    [InlineData("libnvrtc.so.x", 0, 0)]
    public void VersionOf_NameAlone_IsReadFromIt(string name, int major, int minor) => Assert.Equal((major, minor), NvrtcFiles.VersionOf(name));

    // A library as packages have it: the loader's name is a link to the file, or the file itself.
    private string Library(string place, string name, string? file = null)
    {
        File.WriteAllText(_folder[$"{place}/{file ?? name}"], "");
        if (file is not null)
        {
            File.CreateSymbolicLink(_folder[$"{place}/{name}"], file);
        }

        return _folder[$"{place}/{name}"];
    }
}
