using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

/// <summary>Folders with a list of captions.</summary>
[Kind(TestKind.Fast)]
public sealed class CaptionedFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CaptionedFolderTests()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(8, 4));
        ImageFile.WritePng(_folder["deep/b.png"], Pictures.Gradient(6, 4));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("captions.jsonl", "caption")]
    [InlineData("manifest.jsonl", "prompt")]
    public void Open_List_GivesItsImagesInItsOrder(string list, string key)
    {
        File.WriteAllText(_folder[list], $$"""
            {"file": "deep/b.png", "{{key}}": "a bus, \"late\"", "seed": 3}

            {"{{key}}": "", "file": "a.png"}
            """);
        CaptionedFolder images = CaptionedFolder.Open(_folder.Path);
        Assert.Equal((2, "a bus, \"late\"", ""), (images.Count, images.Caption(0), images.Caption(1)));
        Assert.Equal(Pictures.Gradient(6, 4).Pixels, images.LoadImage(0).Pixels);
        Assert.Equal("deep/b", images.SampleName(0));
    }

    [Theory]
    [InlineData("{\"file\": \"a.png\"}", "line 1")]
    [InlineData("{\"file\": \"a.png\", \"caption\": \"x\"}\n[]", "line 2")]
    [InlineData("{\"file\": \"a.png\", \"caption\": 3}", "line 1")]
    [InlineData("{\"file\": \"c.png\", \"caption\": \"x\"}", "c.png")]
    [InlineData("{", "line 1")]
    [InlineData("", "nothing")]
    public void Open_DamagedList_IsRefused(string text, string told)
    {
        File.WriteAllText(_folder["captions.jsonl"], text);
        CloudsException failure = Assert.Throws<CloudsException>(() => CaptionedFolder.Open(_folder.Path));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains(told, failure.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithoutAList_SaysWhichItLookedFor()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => CaptionedFolder.Open(_folder.Path));
        Assert.Equal("captions.jsonl or manifest.jsonl", failure.Wanted);
    }
}
