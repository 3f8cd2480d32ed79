using System.Runtime.Versioning;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Native;

[Kind(TestKind.Fast)]
[SupportedOSPlatform("linux")]
public sealed class FolderOwnerTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsOursAlone_OwnFolderBelowTheSharedTemporaryOne_IsTrue() => Assert.True(FolderOwner.IsOursAlone(_folder.Path));

    [Fact]
    public void IsOursAlone_OthersMayWriteToIt_IsFalse()
    {
        File.SetUnixFileMode(_folder.Path, Everybody);
        Assert.False(FolderOwner.IsOursAlone(_folder.Path));
    }

    [Fact]
    public void IsOursAlone_OthersMayPutAnotherInItsPlace_IsFalse()
    {
        string inside = Directory.CreateDirectory(_folder["inside"]).FullName;
        Assert.True(FolderOwner.IsOursAlone(inside));
        File.SetUnixFileMode(_folder.Path, Everybody);
        Assert.False(FolderOwner.IsOursAlone(inside));
    }

    [Fact]
    public void IsOursAlone_LinkToAnOwnFolder_IsFalse()
    {
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["link"], _folder["real"]);
        Assert.False(FolderOwner.IsOursAlone(_folder["link"]));
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("file")]
    public void IsOursAlone_NoFolder_IsFalse(string name)
    {
        File.WriteAllText(_folder["file"], "");
        Assert.False(FolderOwner.IsOursAlone(_folder[name]));
    }

    [Fact]
    public void IsOursAlone_FolderOfTheSystem_IsFalse() => Assert.False(FolderOwner.IsOursAlone("/proc/sys/kernel/random/uuid"));
}
