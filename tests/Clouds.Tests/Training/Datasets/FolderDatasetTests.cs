using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class FolderDatasetTests
{
    [Fact]
    public void Open_GoodFolder_LoadsSortedSamplesWithTrainIds()
    {
        using FolderSet folder = new();

        FolderDataset dataset = FolderDataset.Open(folder.Json());

        Assert.Equal((6, "set", 3), (dataset.Count, dataset.Name, dataset.Classes.Count));
        Assert.Equal(["a", "b", "c", "d", "e", "f"], Enumerable.Range(0, 6).Select(dataset.SampleName));
        Sample sample = dataset.Load(1);
        Assert.Equal("b", sample.Name);
        Assert.Equal(Pictures.Noise(6, 4, 'b').Pixels, sample.Image.Pixels);
        Assert.Equal([0, 1, 2, 255], sample.Labels.Ids[..4].Select(id => (int)id));
    }

    [Fact]
    public void Open_CityFolders_PairsByFolderGlobOrReplacement()
    {
        using FolderSet folder = new("");
        foreach (string city in (string[])["bern", "ulm"])
        {
            ImageFile.WritePng(folder[$"left/train/{city}/{city}_1_left.png"], Pictures.Noise(6, 4));
            folder.WriteLabel($"gt/train/{city}/{city}_1_ids.png", (ushort)city.Length, 0);
        }

        string images = "\"left/train/**/*_left.png\"";
        string map = """{"0": 0, "3": 1, "4": 2}""";
        string replace = folder.Json(("images", images), ("idMap", map), ("labels", """{"replace": [["left/", "gt/"], ["_left.png", "_ids.png"]]}"""));
        Assert.Equal(["bern/bern_1_left", "ulm/ulm_1_left"], Names(FolderDataset.Open(replace)));
        Assert.Equal([2, 0], FolderDataset.Open(replace).Load(0).Labels.Ids[..2].Select(id => (int)id));
        Assert.Equal([1, 0], FolderDataset.Open(replace).Load(1).Labels.Ids[..2].Select(id => (int)id));

        folder.WriteLabel("gt/train/ulm/ulm_1_left_map.png", 4);
        folder.WriteLabel("gt/train/bern/bern_1_left_map.png", 3);
        foreach (string labels in (string[])["\"gt/train/{folder}/{stem}_map.png\"", "\"gt/**/{stem}_map.png\"", "\"gt/*/{folder}/{stem}_map.png\""])
        {
            FolderDataset dataset = FolderDataset.Open(folder.Json(("images", images), ("idMap", map), ("labels", labels)));
            Assert.Equal([1, 2], [dataset.Load(0).Labels.Ids[0], dataset.Load(1).Labels.Ids[0]]);
        }
    }

    [Theory]
    [InlineData("""{"first": 2}""", "a b")]
    [InlineData("""{"skip": 4}""", "e f")]
    [InlineData("""{"every": 3}""", "a d")]
    [InlineData("""{"every": 3, "offset": 1}""", "b e")]
    [InlineData("""{"notEvery": 3, "offset": 1}""", "a c d f")]
    [InlineData("""{"exclude": ["a", "c"], "every": 2}""", "b e")]
    [InlineData("""{"names": ["f", "b"]}""", "b f")]
    public void Open_Subset_PicksSamples(string subset, string expected)
    {
        using FolderSet folder = new();

        Assert.Equal(expected.Split(' '), Names(FolderDataset.Open(folder.Json(("subset", subset)))));
    }

    [Theory]
    [InlineData("f\nb\n", "b f")]
    [InlineData("\uFEFF# chosen by hand\r\n\r\nimages/f.png\r\n./b.png\r\n", "b f")]
    [InlineData("images\\b.png labels\\b.png\nimages/f.png labels/f.png", "b f")]
    public void Open_ListFile_PicksItsSamplesHoweverTheyAreWritten(string list, string expected)
    {
        using FolderSet folder = new();
        File.WriteAllText(folder["part.txt"], list);

        Assert.Equal(expected.Split(' '), Names(FolderDataset.Open(folder.Json(("subset", """{"list": "part.txt"}""")))));
    }

    [Theory]
    [InlineData("", Failure.Usage, "at least one sample")]
    [InlineData("b\nq\nr", Failure.BadInput, "2 samples that do not exist")]
    public void Open_ListFileOfNothing_IsRefused(string list, Failure kind, string reason)
    {
        using FolderSet folder = new();
        File.WriteAllText(folder["part.txt"], list);

        Assert.Contains(reason, Fails(kind, () => FolderDataset.Open(folder.Json(("subset", """{"list": "part.txt"}""")))).Message);
    }

    [Fact]
    public void Open_ClassNamesInTheIdMap_MeanTheirNumbers()
    {
        using FolderSet folder = new();

        FolderDataset data = FolderDataset.Open(folder.Json(("ignore", ""), ("idMap", """{"0": "sky", "1": "road", "2": 2, "9": "ignore"}""")));

        Assert.Equal([1, 0, 2, 255], data.Load(0).Labels.Ids[..4].Select(id => (int)id));
        Assert.Contains("did you mean \"road\"?", Fails(Failure.Usage, () => FolderDataset.Open(folder.Json(("idMap", """{"0": "raod"}""")))).Message);
    }

    [Fact]
    public void Open_MissingLabel_NamesImageAndWantedFile()
    {
        using FolderSet folder = new();
        File.Delete(folder["labels/c.png"]);

        CloudsException failure = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json()));

        Assert.Contains(folder["images/c.png"], failure.Message);
        Assert.Contains(folder["labels/c.png"], failure.Message);
        Assert.Equal(5, FolderDataset.Open(folder.Json(("subset", """{"exclude": ["c"]}"""))).Count);
    }

    [Fact]
    public void Open_EmptyOrMissingFolder_NamesFolderAndPattern()
    {
        using FolderSet folder = new("");
        File.WriteAllText(folder["images/readme.txt"], "no image");

        Assert.Contains("images/*.png", Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json())).Message);
        Assert.Contains("pictures", Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json(("images", "\"pictures/*.png\"")))).Message);
    }

    [Fact]
    public void Load_DifferentSizes_NamesBothFilesAndSizes()
    {
        using FolderSet folder = new();
        ImageFile.WritePng(folder["images/b.png"], Pictures.Noise(7, 4));

        string message = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json()).Load(1)).Message;

        Assert.Contains(folder["images/b.png"], message);
        Assert.Contains(folder["labels/b.png"], message);
        Assert.Contains("7 x 4 and 6 x 4", message);
    }

    [Fact]
    public void Load_IdOutsideTheMap_NamesFileIdCountAndPosition()
    {
        using FolderSet folder = new();
        folder.WriteLabel("labels/d.png", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4000);

        string message = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json()).Load(3)).Message;

        Assert.Contains(folder["labels/d.png"], message);
        Assert.Contains("id 4000 on 2 pixels, first at column 5, row 1", message);
        Assert.Equal(255, FolderDataset.Open(folder.Json(("unlisted", "\"ignore\""))).Load(3).Labels.Ids[11]);
    }

    [Fact]
    public void Load_TruncatedImageOrLabel_NamesTheFile()
    {
        using FolderSet folder = new();
        File.WriteAllBytes(folder["images/a.png"], File.ReadAllBytes(folder["images/a.png"])[..60]);
        File.WriteAllBytes(folder["labels/b.png"], File.ReadAllBytes(folder["labels/b.png"])[..60]);
        FolderDataset dataset = FolderDataset.Open(folder.Json());

        Assert.Equal(folder["images/a.png"], Fails(Failure.BadInput, () => dataset.Load(0)).Where);
        Assert.Equal(folder["labels/b.png"], Fails(Failure.BadInput, () => dataset.Load(1)).Where);
    }

    [Fact]
    public void Open_ImagesDifferingInEnding_AreRefused()
    {
        using FolderSet folder = new();
        ImageFile.WriteJpeg(folder["images/a.jpg"], Pictures.Noise(6, 4));

        Assert.Contains("differ only in their ending",
            Fails(Failure.BadInput, () => FolderImages.Open(folder.Json(("images", "\"images/*\""), ("labels", "")))).Message);
        string labelled = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json(("images", "\"images/*\"")))).Message;
        Assert.Contains(folder["images/a.png"], labelled);
        Assert.Contains(folder["images/a.jpg"], labelled);
    }

    [Theory]
    [InlineData("labels/**/{stem}.png", "")]
    [InlineData("labels/*/{stem}.png", """{"names": ["y/0001"]}""")]
    [InlineData("labels/x/{stem}.png", "")]
    public void Open_OneLabelForTwoImages_NamesBoth(string labels, string subset)
    {
        using FolderSet folder = SharedLabel();

        CloudsException failure = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json(
            ("images", "\"images/**/*.png\""), ("labels", $"\"{labels}\""), ("subset", subset))));

        Assert.Equal(folder["labels/x/0001.png"], failure.Where);
        Assert.Contains(folder["images/x/0001.png"], failure.Found);
        Assert.Contains(folder["images/y/0001.png"], failure.Found);
    }

    [Fact]
    public void Open_OwnLabelOfEachFolder_PairsByFolder()
    {
        using FolderSet folder = SharedLabel();
        folder.WriteLabel("labels/y/0001.png", 2);

        FolderDataset dataset = FolderDataset.Open(folder.Json(("images", "\"images/**/*.png\""), ("labels", "\"labels/{folder}/{stem}.png\"")));

        Assert.Equal([1, 2], [dataset.Load(0).Labels.Ids[0], dataset.Load(1).Labels.Ids[0]]);
    }

    [Fact]
    public void Open_SeveralLabelsForOneImage_AreRefused()
    {
        using FolderSet folder = new();
        folder.WriteLabel("labels/old/a.png", 0);

        Assert.Contains("several label files", Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json(("labels", "\"labels/**/{stem}.png\"")))).Message);
    }

    [Fact]
    public void Load_OneBitLabel_IsReadAsTheDescriptionSaysOrRefusedWithBothReadings()
    {
        using FolderSet folder = new("a");
        File.WriteAllBytes(folder["labels/a.png"], new PngWriter(6, 4, 1, 0, 1).Encode((x, _, _) => x & 1));

        CloudsException failure = Fails(Failure.BadInput, () => FolderDataset.Open(folder.Json()).Load(0));

        Assert.Equal(folder["labels/a.png"], failure.Where);
        Assert.Contains("ids 0, 1 as stored, 0, 255 at full scale", failure.Found);
        Assert.Equal([0, 1], Read("none"));
        Assert.Equal([0, 255], Read("full"));

        ushort[] Read(string scale) =>
            FolderDataset.Open(folder.Json(("labels", $$"""{"pattern": "labels/{stem}.png", "scale": "{{scale}}"}"""))).Load(0).Labels.Ids[..2];
    }

    [Fact]
    public void Open_LinkToAParent_TakesEveryImageOnceAndTells()
    {
        using FolderSet folder = SharedLabel();
        Directory.CreateSymbolicLink(folder["images/y/again"], "..");
        Directory.CreateSymbolicLink(folder["images/again"], ".");
        Directory.CreateSymbolicLink(folder["labels/again"], ".");
        folder.WriteLabel("labels/y/0001.png", 2);
        List<string> told = [];

        FolderDataset dataset = FolderDataset.Open(folder.Json(("images", "\"images/**/*.png\""), ("labels", "\"labels/**/{folder}/{stem}.png\"")), told.Add);

        Assert.Equal(["x/0001", "y/0001"], Names(dataset));
        Assert.Contains(told, text => text.Contains(folder["images/again"], StringComparison.Ordinal));
    }

    [SharedDataFact("camvid")]
    public void Open_CamVid_HasItsSharesOfPixels()
    {
        string root = SharedDataFactAttribute.PathOf("camvid");
        string example = File.ReadAllText(Path.Combine(Repository.Root, "tests", "golden", "datasets", "camvid.json"));
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["camvid.json"], example.Replace("\"path/to/camvid\"", $"\"{root}\""));

        DatasetReport report = DatasetSource.Check(folder["camvid.json"]);

        Assert.Empty(report.Problems);
        Assert.Equal((24, 24), (report.Samples, report.Sizes[0].Images));

        // Shares of all pixels, unlabelled ones included, from the data's README.
        double all = 24.0 * 480 * 360;
        Assert.Equal(
            [18.86, 20.70, 1.16, 29.07, 4.32, 12.49, 1.44, 1.13, 5.48, 0.61, 0.31], report.Classes.Select(count => Math.Round(100 * count.Pixels / all, 2)));
        Assert.Equal(4.44, Math.Round(100 * report.IgnoredPixels / all, 2));
    }

    // Two images of one name in different folders; the first alone has a label.
    private static FolderSet SharedLabel()
    {
        FolderSet folder = new("");
        ImageFile.WritePng(folder["images/x/0001.png"], Pictures.Noise(6, 4, 1));
        ImageFile.WritePng(folder["images/y/0001.png"], Pictures.Noise(6, 4, 2));
        folder.WriteLabel("labels/x/0001.png", 1);
        return folder;
    }

    private static string[] Names(FolderDataset dataset) => [.. Enumerable.Range(0, dataset.Count).Select(dataset.SampleName)];

    private static CloudsException Fails(Failure kind, Func<object> call)
    {
        CloudsException failure = Assert.Throws<CloudsException>(call);
        Assert.Equal(kind, failure.Failure);
        Assert.NotNull(failure.Next);
        return failure;
    }
}
