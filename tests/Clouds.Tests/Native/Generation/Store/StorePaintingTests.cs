using System.Text;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Stores that are filled at once, with interruptions, and by several.</summary>
[Kind(TestKind.Fast)]
public sealed class StorePaintingTests : IDisposable
{
    private const int Count = 7;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_EmptyFolder_HasEveryImageWithItsPromptAndSeed()
    {
        (StoreOutcome outcome, _) = TinyStore.Fill(_folder["a"], Count);

        Assert.Equal(new StoreOutcome(Count, 0), outcome);
        IReadOnlyList<StoredImage> images = ImageStore.Read(_folder["a"]).Images();
        Assert.Equal(Enumerable.Range(0, Count), images.Select(image => image.Index));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => TinyStore.Prompts[i % 3]), images.Select(image => image.Prompt));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => 7L + i), images.Select(image => image.Seed));
        Assert.Equal("images/000006.png", images[6].File);
        Assert.All(images, image => Assert.Equal(image.ToString(), StoredImage.Read(_folder[$"a/{image.File}"]).ToString()));
        Assert.Equal(32, ImageFile.Read(_folder["a/images/000000.png"]).Width);
        Assert.True(File.Exists(_folder["a/steps.png"]));
    }

    [Fact]
    public void Line_HasWhatTheIssueAsksFor()
    {
        TinyStore.Fill(_folder["a"], 1);
        JsonNode line = JsonNode.Parse(File.ReadAllLines(_folder["a/manifest.jsonl"])[0])!;

        Assert.Equal("images/000000.png", (string)line["file"]!);
        Assert.Equal(new string('a', 64), (string)line["files"]![0]!["sha256"]!);
        Assert.Equal(("euler", 4, 7.5, 32, 32, "epsilon", "fp32", "cpu"), ((string)line["sampler"]!, (int)line["steps"]!, (double)line["guidance"]!,
            (int)line["width"]!, (int)line["height"]!, (string)line["prediction"]!, (string)line["precision"]!, (string)line["device"]!));
        Assert.StartsWith("Clouds.Native ", (string)line["software"]!, StringComparison.Ordinal);
        Assert.Null(line["notes"]);
    }

    [Fact]
    public void Run_Batches_HaveTheBytesOfSingleImages()
    {
        TinyStore.Fill(_folder["a"], Count);
        TinyStore.Fill(_folder["b"], Count, batch: 3);

        Assert.Equal(TinyStore.Content(_folder["a"]), TinyStore.Content(_folder["b"]));
    }

    [Theory]
    [InlineData("dies before the first image", 0)]
    [InlineData("dies in the midst", 3)]
    [InlineData("image written, not listed", 3)]
    [InlineData("line cut short", 3)]
    [InlineData("line without its end", 3)]
    [InlineData("half of a line's first letter", 3)]
    [InlineData("image half written", 3)]
    [InlineData("image lost", 3)]
    [InlineData("image damaged, not listed", 3)]
    [InlineData("another image, not listed", 3)]
    [InlineData("list lost", 3)]
    [InlineData("two lines for one image", 3)]
    public void Run_AfterAKill_EndsWithTheFilesOfAWholeRun(string moment, int done)
    {
        TinyStore.Fill(_folder["whole"], Count);
        Assert.Throws<InvalidOperationException>(() => TinyStore.Fill(_folder["a"], Count, diesAt: done));
        int again = Damage(moment);

        (StoreOutcome outcome, PatternPainter painter) = TinyStore.Fill(_folder["a"], Count);

        Assert.Equal(Count - done + again, painter.Painted);
        Assert.Equal(Count, outcome.Painted + outcome.Found);
        Assert.Equal(Enumerable.Range(0, Count), ImageStore.Read(_folder["a"]).Images().Select(image => image.Index));
        SortedDictionary<string, string> content = TinyStore.Content(_folder["a"]);
        content["lists"] = string.Join('\n', content["lists"].Split('\n').Distinct());
        Assert.Equal(TinyStore.Content(_folder["whole"]), content);
    }

    [Fact]
    public void Run_LargerCount_AddsImages()
    {
        TinyStore.Fill(_folder["a"], 3);
        (StoreOutcome outcome, _) = TinyStore.Fill(_folder["a"], Count);
        TinyStore.Fill(_folder["whole"], Count);

        Assert.Equal(new StoreOutcome(4, 3), outcome);
        Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(_folder["a"]));
    }

    [Theory]
    [InlineData("1/3 2/3 3/3")]
    [InlineData("3/3 1/3 2/3")]
    [InlineData("2/2 1/1")]
    [InlineData("9/9 1/4 2/4 3/4 4/4")]
    public void Parts_InAnyOrder_AreWhatOneProcessMakes(string parts)
    {
        TinyStore.Fill(_folder["whole"], Count);
        int painted = parts.Split(' ').Sum(part => TinyStore.Fill(_folder["a"], Count, StoreShare.Parse(part)).Painter.Painted);

        Assert.Equal(Count, painted);
        Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(_folder["a"]));
    }

    [Fact]
    public async Task Parts_AtOnce_AreWhatOneProcessMakes()
    {
        TinyStore.Fill(_folder["whole"], 40);
        for (int round = 0; round < 20; round++)
        {
            string folder = _folder[$"{round}"];
            await Task.WhenAll(Enumerable.Range(1, 6).Select(i => Task.Run(() => TinyStore.Fill(folder, 40, new StoreShare(i, 6)))));
            Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(folder));
        }
    }

    [Fact]
    public void Part_AnotherProcessMakesIt_IsRefused()
    {
        TinyStore.Fill(_folder["a"], 1);
        using ManifestPart held = new(_folder["a"], StoreShare.Whole);

        CloudsException failure = Assert.Throws<CloudsException>(() => TinyStore.Fill(_folder["a"], 2));

        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Single(ImageStore.Read(_folder["a"]).Images());
    }

    [Fact]
    public void Run_AnImageCannotBeWritten_LosesNothing()
    {
        TinyStore.Fill(_folder["whole"], Count);
        string obstacle = Directory.CreateDirectory(_folder[$"a/images/.000004.png.{Environment.ProcessId}.tmp"]).FullName;
        File.WriteAllText(_folder["a/store.json"], File.ReadAllText(_folder["whole/store.json"]));

        CloudsException failure = Assert.Throws<CloudsException>(() => TinyStore.Fill(_folder["a"], Count));
        Assert.Equal(Failure.Output, failure.Failure);
        Assert.Equal(4, ImageStore.Read(_folder["a"]).Images().Count);

        Directory.Delete(obstacle);
        TinyStore.Fill(_folder["a"], Count);
        Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(_folder["a"]));
    }

    [Fact]
    public void Share_Split_IsThePartOfAPart()
    {
        int[] all = [.. Enumerable.Range(1, 3).SelectMany(i => Enumerable.Range(0, 2).SelectMany(rank => new StoreShare(i, 3).Split(rank, 2).Indices(11)))];

        Assert.Equal(Enumerable.Range(0, 11), all);
    }

    [Theory]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("1")]
    [InlineData("a/b")]
    [InlineData("1/0")]
    [InlineData("-1/2")]
    public void Share_ThatIsNone_IsRefused(string text)
        => Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => StoreShare.Parse(text)).Failure);

    // What a kill at that moment leaves; the number of finished images that have to be painted again.
    private int Damage(string moment)
    {
        string list = _folder["a/manifest.jsonl"];
        string image = _folder["a/images/000002.png"];
        string[] lines = File.ReadAllLines(list);
        string but = string.Concat(lines.SkipLast(1).Select(line => line + "\n"));
        switch (moment)
        {
            case "image written, not listed":
                File.WriteAllText(list, but);
                return 0;
            case "line cut short":
                File.WriteAllText(list, but + lines[^1][..(lines[^1].Length / 2)]);
                return 0;
            case "line without its end":
                File.WriteAllText(list, but + lines[^1]);
                return 0;
            case "half of a line's first letter":
                File.WriteAllBytes(list, [.. Encoding.UTF8.GetBytes(but), 0xE9]);
                return 0;
            case "image half written":
                File.WriteAllBytes(_folder["a/images/.000004.png.123456.tmp"], [1, 2, 3]);
                return 0;
            case "image lost":
                File.Delete(image);
                return 1;
            case "image damaged, not listed":
                File.WriteAllText(list, but);
                File.WriteAllBytes(image, File.ReadAllBytes(image)[..^20]);
                return 1;
            case "another image, not listed":
                File.WriteAllText(list, but);
                ImageFile.WritePng(image, new RgbImage(32, 32));
                return 1;
            case "list lost":
                File.Delete(list);
                return 0;
            case "two lines for one image":
                File.WriteAllText(_folder["a/manifest-1-of-2.jsonl"], lines[1] + "\n");
                return 0;
            default:
                return 0;
        }
    }
}
