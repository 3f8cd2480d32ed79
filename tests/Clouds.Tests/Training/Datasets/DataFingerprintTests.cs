using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class DataFingerprintTests : IDisposable
{
    private readonly FolderSet _set = new("bcd");

    public void Dispose() => _set.Dispose();

    [Fact]
    public void First_NothingChanged_IsNothing()
    {
        DataFingerprint before = Take();
        File.SetLastWriteTimeUtc(_set["images/b.png"], DateTime.UnixEpoch);
        Assert.Null(DataDifference.First(before, Take()));
        Assert.Null(DataDifference.First(DataFingerprint.Read(before.ToJson()), Take()));
    }

    [Fact]
    public void First_PixelChanged_NamesTheImage()
    {
        string difference = Change(() => ImageFile.WritePng(_set["images/c.png"], Pictures.Noise(6, 4, 'x')));
        Assert.Contains("the image file of c was edited", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void First_OneByteChangedInALabel_NamesTheLabel()
    {
        string difference = Change(() =>
        {
            byte[] bytes = File.ReadAllBytes(_set["labels/d.png"]);
            bytes[^20] ^= 1;
            File.WriteAllBytes(_set["labels/d.png"], bytes);
        });
        Assert.Contains("the label file of d was edited: other content", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void First_ImageRenamedWithItsLabel_NamesBothNames()
    {
        string difference = Change(() =>
        {
            File.Move(_set["images/c.png"], _set["images/z.png"]);
            File.Move(_set["labels/c.png"], _set["labels/z.png"]);
        });
        Assert.Equal("image c was renamed to z", difference);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("z")]
    public void First_ImageAdded_NamesIt(string name)
    {
        string difference = Change(() =>
        {
            ImageFile.WritePng(_set[$"images/{name}.png"], Pictures.Noise(6, 4, 99));
            _set.WriteLabel($"labels/{name}.png", 1);
        });
        Assert.Equal($"image {name} was added", difference);
    }

    [Fact]
    public void First_ImageRemoved_NamesIt() => Assert.Equal("image d was removed", Change(() => File.Delete(_set["images/d.png"])));

    [Fact]
    public void First_EncodedAgainInAnotherFormat_NamesBothFiles()
    {
        string difference = Change(() =>
        {
            File.Delete(_set["images/c.png"]);
            File.WriteAllText(_set["images/c.jpg"], "what is in it does not matter");
        });
        Assert.Contains("encoded again: c.jpg, before c.png", difference, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("idMap", """{"0": 0, "1": 2, "2": 1}""", "the id map changed: 1>2, before 1>1")]
    [InlineData("ignore", "[9, 8]", "the id map changed: 8>255, before 9>255")]
    [InlineData("unlisted", "\"ignore\"", "the id map changed: others>ignored, before others>error")]
    [InlineData("classes", """[{"name": "road", "colour": [1, 2, 3]}, {"name": "sun", "colour": [4, 5, 6]}, {"name": "car", "colour": [7, 8, 9]}]""", "1:sun")]
    public void First_DescriptionChanged_NamesTheFact(string key, string value, string difference) =>
        Assert.Contains(difference, DataDifference.First(Take(), Take((key, value))), StringComparison.Ordinal);

    [Fact]
    public void First_SetThatIsMade_TellsItsSettings()
    {
        DataFingerprint before = Streets(3);
        Assert.False(before.OfFiles);
        Assert.Null(DataDifference.First(before, Streets(3)));
        Assert.Contains("street scenes changed", DataDifference.First(before, Streets(4)), StringComparison.Ordinal);

        static DataFingerprint Streets(int count) => DataFingerprint.Of(DatasetSource.Open($"streets:night?count={count}&width=64&height=64"));
    }

    [Fact]
    public void Of_FileThatCannotBeRead_IsMarkedAndCompared()
    {
        string difference = Change(() => File.Delete(_set["labels/c.png"]));
        Assert.Contains("the label file of c", difference, StringComparison.Ordinal);
        Assert.Contains("cannot be read", difference, StringComparison.Ordinal);
    }

    // Beginning and end of large files: a change in the middle of a photograph moves its end along.
    [Theory]
    [InlineData(0, true)]
    [InlineData(16_383, true)]
    [InlineData(16_384, false)]
    [InlineData(83_615, false)]
    [InlineData(83_616, true)]
    [InlineData(99_999, true)]
    public void Mark_ByteOfALargeFileOfALargeSetChanged_ShowsAtItsEnds(int at, bool shows)
    {
        byte[] bytes = new byte[100_000];
        string before = Digest();
        bytes[at] = 1;
        Assert.Equal(shows, before != Digest());

        string Digest()
        {
            File.WriteAllBytes(_set["images/b.png"], bytes);
            FileDigests digests = new(FolderDataset.Open(_set.Json()), mostWhole: 1000);
            return digests.Mark(0).Files[0].Digest;
        }
    }

    [Fact]
    public void Find_ReportThatWasKept_IsGivenBackForTheSameDataOnly()
    {
        using TemporaryFolder folder = new();
        CheckCache cache = new(folder["checks"]);
        DataFingerprint before = Take();
        Assert.Null(cache.Find(before));
        DatasetReport report = DatasetCheck.Run(FolderDataset.Open(_set.Json()));
        cache.Keep(before, report);
        Assert.Equal(JsonSerializer.Serialize(report), JsonSerializer.Serialize(new CheckCache(folder["checks"]).Find(before)));
        File.AppendAllText(_set["labels/b.png"], "x");
        Assert.Null(cache.Find(Take()));
    }

    [Fact]
    public void Keep_FolderThatCannotBe_IsNoFailure()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        CheckCache cache = new(Path.Combine(folder.Path, "file", "checks"));
        cache.Keep(Take(), DatasetCheck.Run(FolderDataset.Open(_set.Json())));
        Assert.Null(cache.Find(Take()));
    }

    private string Change(Action change)
    {
        DataFingerprint before = Take();
        change();
        return DataDifference.First(before, Take())!;
    }

    private DataFingerprint Take(params (string Key, string Value)[] more) =>
        DataFingerprint.Of(FolderDataset.OpenIncomplete(FolderDescriptionReader.Read(_set.Json([("images", "\"images/*\""), .. more])), warn: null));
}
