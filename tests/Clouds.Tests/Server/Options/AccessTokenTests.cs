using System.Runtime.Versioning;
using Clouds.Diagnostics;
using Clouds.Server.Options;

namespace Clouds.Tests.Server.Options;

[Kind(TestKind.Fast)]
public sealed class AccessTokenTests
{
    [Fact]
    public void Options_AsText_KeepTheTokenToThemselves()
    {
        ServerOptions options = new() { Port = 8080 };
        Assert.Equal("127.0.0.1:8080", $"{options}");
    }

    [Fact]
    public void Draw_IsLongAndNeverTheSame()
    {
        string[] tokens = [.. Enumerable.Range(0, 100).Select(_ => AccessToken.Draw())];
        Assert.Equal(100, tokens.Distinct().Count());
        Assert.All(tokens, token => Assert.Matches("^[A-Za-z0-9_-]{32}$", token));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void FromFile_NoFile_WritesOneForItsOwnerAloneAndReadsItAgain()
    {
        using TemporaryFolder folder = new();
        string token = AccessToken.FromFile(folder["token"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["token"]));
        Assert.Equal(token, AccessToken.FromFile(folder["token"]));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a token with blanks in it")]
    [InlineData("päßwörter-sind-nicht-ascii")]
    public void FromFile_NoToken_IsRefused(string text)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["token"], text);
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => AccessToken.FromFile(folder["token"])).Failure);
    }

    [Fact]
    public void FromFile_FolderThatIsNotThere_CannotBeWritten()
        => Assert.Equal(Failure.Output, Assert.Throws<CloudsException>(() => AccessToken.FromFile("/no/such/folder/token")).Failure);
}
