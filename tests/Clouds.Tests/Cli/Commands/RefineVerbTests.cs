using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Tests.Native.Refinement;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds refine` with masks of a stand-in for Segment Anything.</summary>
[Kind(TestKind.Fast)]
public sealed class RefineVerbTests : IDisposable
{
    private static readonly MaskFrame Frame = new(16, 16, 64, 64, 64, 64);

    private readonly TemporaryFolder _folder = new();

    public RefineVerbTests()
    {
        File.WriteAllText(_folder["sam.pt"], "weights");
        Write("a", 50, 40, 3);
        Write("deep/b", 64, 30, 5);
        Write("c", 33, 47, 2);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Refine_Folder_WritesWhatTheLibraryGivesForEachImage()
    {
        CommandLineRun run = Refine(new StandInMasks(Frame), "--seed", "7", "--xray");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("3 refined, 0 failed", run.Out, StringComparison.Ordinal);
        foreach (string name in new[] { "a", "deep/b", "c" })
        {
            using PseudoLabelRefiner refiner = new(new StandInMasks(Frame), new RefinementOptions { SizeThreshold = 20 });
            PointSeed seed = new(7, 0, (int)XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(name)));
            RefinementResult result = refiner.Refine(ImageFile.Read(_folder[$"images/{name}.png"]), LabelPng.Read(_folder[$"labels/{name}.png"]), seed);
            Assert.Equal(result.Map.Ids, LabelPng.Read(_folder[$"out/{name}.refined.png"]).Ids);
            using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(_folder[$"out/{name}.refined.json"]));
            JsonElement.ArrayEnumerator rows = record.RootElement.GetProperty("components").EnumerateArray();
            Assert.Equal(result.Components.Select(component => (component.Area, component.Chosen, component.Conflicts)),
                rows.Select(row => (row.GetProperty("area").GetInt32(), row.GetProperty("chosen").GetInt32(), row.GetProperty("conflicts").GetInt32())));
            Assert.Equal(name != "c", rows.Any(row => row.GetProperty("fate").GetString() == "tooSmall"));
            Assert.True(File.Exists(_folder[$"out/{name}.xray.html"]));
        }

        using JsonDocument statistics = JsonDocument.Parse(File.ReadAllBytes(_folder["out/refine.json"]));
        Assert.Equal((3, 0), (statistics.RootElement.GetProperty("images").GetInt32(), statistics.RootElement.GetProperty("left").GetInt32()));
        double after = statistics.RootElement.GetProperty("classes").EnumerateArray().Sum(row => row.GetProperty("after").GetDouble());
        Assert.Equal(1, after + statistics.RootElement.GetProperty("unlabelledAfter").GetDouble(), 9);
    }

    [Fact]
    public void Refine_OneImageAlone_GetsWhatItGetsAmongOthers()
    {
        Refine(new StandInMasks(Frame));
        string[] arguments = ["refine", _folder["images/a.png"], _folder["labels/a.png"], "--sam", _folder["sam.pt"], "--out", _folder["alone"]];
        CommandLineRun run = CommandLineRun.Of([Verb(new StandInMasks(Frame))], [.. arguments, "--threshold", "20", "--device", "cpu"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(File.ReadAllBytes(_folder["out/a.refined.png"]), File.ReadAllBytes(_folder["alone/a.refined.png"]));
    }

    [Fact]
    public void Refine_StoppedAndResumed_EndsWithWhatAWholeRunGives()
    {
        CommandLineRun stopped = Refine(new Stopping(Frame, images: 1));
        Assert.Equal((int)Failure.Interrupted, stopped.ExitCode);
        Assert.Single(Directory.GetFiles(_folder["out"], "*.refined.json", SearchOption.AllDirectories));
        Counting rest = new(Frame);
        CommandLineRun resumed = Refine(rest, "--skip-existing");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(2, rest.Images);
        Assert.Contains("3 refined (1 of them before)", resumed.Out, StringComparison.Ordinal);
        Dictionary<string, byte[]> parts = Results();
        Directory.Delete(_folder["out"], recursive: true);
        Refine(new StandInMasks(Frame));
        Assert.Equal(parts.OrderBy(file => file.Key), Results().OrderBy(file => file.Key));
    }

    [Theory]
    [InlineData("record")]
    [InlineData("map")]
    [InlineData("damaged record")]
    [InlineData("image")]
    [InlineData("labels")]
    [InlineData("network")]
    [InlineData("settings")]
    [InlineData("pages")]
    public void Refine_SkipExistingAfterAChange_RefinesWhatItConcernsAnew(string change)
    {
        Refine(new StandInMasks(Frame));
        string[] more = change == "settings" ? ["--points", "4"] : change == "pages" ? ["--xray"] : [];
        Change(change);
        Counting masks = new(Frame);
        CommandLineRun run = Refine(masks, ["--skip-existing", .. more]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(change is "network" or "settings" or "pages" ? 3 : 1, masks.Images);
    }

    [Fact]
    public void Refine_ImagesWithoutLabels_AreNamedBeforeAnythingIsDone()
    {
        File.Delete(_folder["labels/c.png"]);
        CommandLineRun run = Refine(new StandInMasks(Frame));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1 of 3 label maps are missing", run.Error, StringComparison.Ordinal);
        Assert.Contains("c.png or c.labels.png", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void Refine_PairsThatDoNotFit_AreListedAndTheOthersRefined()
    {
        LabelPng.WriteGray8(_folder["labels/c.png"], new LabelMap(5, 5));
        File.WriteAllBytes(_folder["images/a.png"], File.ReadAllBytes(_folder["images/a.png"])[..90]);
        CommandLineRun run = Refine(new StandInMasks(Frame), "--json");
        Assert.Equal(3, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(2, json.RootElement.GetProperty("failed").GetArrayLength());
        Assert.Equal(1, json.RootElement.GetProperty("statistics").GetProperty("images").GetInt32());
        Assert.True(File.Exists(_folder["out/deep/b.refined.png"]));
        Assert.False(File.Exists(_folder["out/c.refined.png"]));
    }

    [Fact]
    public void Refine_LabelsAsSegmentWritesThem_AreFound()
    {
        File.Move(_folder["labels/a.png"], _folder["labels/a.labels.png"]);
        Assert.Equal(0, Refine(new StandInMasks(Frame)).ExitCode);
    }

    [Fact]
    public void Refine_ForeignIds_AreMappedFirst()
    {
        // Cityscapes: 7 road, 11 building, 0 ignored.
        LabelMap map = new(40, 40, [.. Enumerable.Range(0, 1600).Select(i => (ushort)(i < 700 ? 7 : i < 1500 ? 11 : 0))]);
        LabelPng.WriteGray8(_folder["labels/a.png"], map);
        ImageFile.WritePng(_folder["images/a.png"], Pictures.Noise(40, 40));
        CommandLineRun run = Refine(new StandInMasks(Frame), "--ids", "cityscapes");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(_folder["out/a.refined.json"]));
        Assert.Equal([0, 2], record.RootElement.GetProperty("classes").EnumerateArray().Select(row => row.GetProperty("id").GetInt32()));
        Assert.Equal(2, Refine(new StandInMasks(Frame), "--ids", "citycsapes").ExitCode);
    }

    [Fact]
    public void Refine_DataSet_IsReadAsItIsDescribedAndNamesItsClasses()
    {
        // Red is class "a", blue class "b".
        RgbImage drawing = new(40, 40, [.. Enumerable.Range(0, 1600).SelectMany(i => i < 800 ? new byte[] { 255, 0, 0 } : [0, 0, 255])]);
        ImageFile.WritePng(_folder["set/images/a.png"], Pictures.Noise(40, 40));
        ImageFile.WritePng(_folder["set/labels/a.png"], drawing);
        File.WriteAllText(_folder["set/set.json"], """
            { "root": ".", "images": "images/*.png", "labels": { "pattern": "labels/{stem}.png", "colours": { "255,0,0": 0, "0,0,255": 1 } },
              "classes": [ { "name": "a", "colour": [255, 0, 0] }, { "name": "b", "colour": [0, 0, 255] } ] }
            """);
        Counting masks = new(Frame);
        CommandLineRun run = Of(masks, "--data", _folder["set/set.json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(Directory.GetFiles(_folder["out"], "*.refined.json", SearchOption.AllDirectories)[0]));
        Assert.Equal([("a", 800), ("b", 800)], record.RootElement.GetProperty("classes").EnumerateArray()
            .Select(row => (row.GetProperty("name").GetString(), row.GetProperty("before").GetInt32())));
        Assert.Equal(0, Of(masks, "--data", _folder["set/set.json"], "--skip-existing").ExitCode);
        Assert.Equal(1, masks.Images);
    }

    [Fact]
    public void Refine_SceneThatIsMade_IsRefinedAndKnownAgain()
    {
        Counting masks = new(Frame);
        string[] scenes = ["--data", "streets:source?count=2&width=64&height=64"];
        Assert.Equal(0, Of(masks, scenes).ExitCode);
        Assert.Equal(0, Of(masks, [.. scenes, "--skip-existing"]).ExitCode);
        Assert.Equal(2, masks.Images);
    }

    [Theory]
    [InlineData("--data", "streets:source?count=2", "--ids", "cityscapes")]
    [InlineData("--seed", "3")]
    public void Refine_NoneOrTwoSources_IsAUsageFailure(params string[] arguments) => Assert.Equal(2, Of(new StandInMasks(Frame), arguments).ExitCode);

    [Fact]
    public void Refine_ResultsOfOtherImages_AreRefusedReplacedOrLeft()
    {
        Refine(new StandInMasks(Frame));
        File.Delete(_folder["images/c.png"]);
        CommandLineRun refused = Refine(new StandInMasks(Frame));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("c.refined.png", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, Refine(new StandInMasks(Frame), "--skip-existing").ExitCode);
        Assert.True(File.Exists(_folder["out/c.refined.png"]));
        Assert.Equal(0, Refine(new StandInMasks(Frame), "--overwrite").ExitCode);
        Assert.False(File.Exists(_folder["out/c.refined.png"]));
    }

    [Theory]
    [InlineData("", "mobile_sam.pt")]
    [InlineData("sam.variant=vitH", "sam_vit_h_4b8939.pth")]
    [InlineData("sam.variant=vitL", null)]
    public void Refine_FolderOfNetworks_TakesTheVariantOfTheSettings(string set, string? expected)
    {
        foreach (string name in new[] { "mobile_sam.pt", "sam_vit_h_4b8939.pth", "sam_vit_h.txt", "other.pt" })
        {
            Directory.CreateDirectory(_folder["networks"]);
            File.WriteAllText(_folder[$"networks/{name}"], name);
        }

        string? opened = null;
        RefineVerb verb = new((file, _, _) =>
        {
            opened = Path.GetFileName(file);
            return (new StandInMasks(Frame), new StandInMasks(Frame));
        });
        string[] arguments = ["refine", _folder["images"], _folder["labels"], "--sam", _folder["networks"], "--out", _folder["out"]];
        CommandLineRun run = CommandLineRun.Of([verb], [.. arguments, .. set.Length > 0 ? ["--set", set] : Array.Empty<string>()]);
        Assert.Equal(expected, opened);
        Assert.Equal(expected is null ? 3 : 0, run.ExitCode);
    }

    [Fact]
    public void Refine_NetworkThatIsNotThere_IsBadInput()
    {
        string[] arguments = ["refine", _folder["images"], _folder["labels"], "--sam", _folder["none.pt"], "--out", _folder["out"]];
        Assert.Equal(3, CommandLineRun.Of([Verb(new StandInMasks(Frame))], arguments).ExitCode);
    }

    private static RefineVerb Verb(StandInMasks masks) => new((_, _, _) => (masks, masks));

    private CommandLineRun Of(StandInMasks masks, params string[] arguments) => CommandLineRun.Of([Verb(masks)],
        ["refine", "--sam", _folder["sam.pt"], "--out", _folder["out"], "--threshold", "20", "--device", "cpu", .. arguments]);

    private CommandLineRun Refine(StandInMasks masks, params string[] more) => CommandLineRun.Of([Verb(masks)],
        ["refine", _folder["images"], _folder["labels"], "--sam", _folder["sam.pt"], "--out", _folder["out"], "--threshold", "20", "--device", "cpu", .. more]);

    private Dictionary<string, byte[]> Results() => Directory.GetFiles(_folder["out"], "*.refined.png", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(_folder["out"], file), File.ReadAllBytes);

    private void Write(string name, int width, int height, int classes)
    {
        ImageFile.WritePng(_folder[$"images/{name}.png"], Pictures.Noise(width, height));
        LabelMap map = new(width, height, [.. Enumerable.Range(0, width * height).Select(i => (ushort)(i % 11 == 0 ? 18 : i % width * classes / width))]);
        LabelPng.WriteGray8(_folder[$"labels/{name}.png"], map);
    }

    private void Change(string what)
    {
        switch (what)
        {
            case "record": File.Delete(_folder["out/a.refined.json"]); break;
            case "map": File.Delete(_folder["out/a.refined.png"]); break;
            case "damaged record": File.WriteAllText(_folder["out/a.refined.json"], "{ \"image\": "); break;
            case "image": ImageFile.WritePng(_folder["images/a.png"], Pictures.Gradient(50, 40)); break;
            case "labels": LabelPng.WriteGray8(_folder["labels/a.png"], new LabelMap(50, 40)); break;
            case "network": File.WriteAllText(_folder["sam.pt"], "other weights"); break;
        }
    }

    private class Counting(MaskFrame frame) : StandInMasks(frame), IMaskPredictor
    {
        public int Images { get; private set; }

        IEmbeddedImage IMaskPredictor.Embed(RgbImage image, CancellationToken cancellation)
        {
            Images++;
            return Seen(image);
        }

        protected virtual IEmbeddedImage Seen(RgbImage image) => Embed(image);
    }

    private sealed class Stopping(MaskFrame frame, int images) : Counting(frame)
    {
        protected override IEmbeddedImage Seen(RgbImage image) => Images > images ? throw new OperationCanceledException() : Embed(image);
    }
}
