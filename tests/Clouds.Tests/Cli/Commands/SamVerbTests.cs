using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds sam` with a small Segment Anything.</summary>
[Kind(TestKind.Fast)]
public sealed class SamVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SamVerbTests()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        ImageFile.WritePng(_folder["images/a.png"], Pictures.Noise(60, 40));
        ImageFile.WritePng(_folder["images/deep/b.png"], Pictures.Gradient(30, 50));
        ImageFile.WritePng(_folder["a.png"], Pictures.Noise(60, 40));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sam_Points_WritesTheThreeMasksOfTheLibrary()
    {
        CommandLineRun run = Sam("a.png", "--points", "20,10;3.5,4,0", "--points", "50,30");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("1 answered, 0 failed", run.Out, StringComparison.Ordinal);
        AssertAnswer(0, embedding => embedding.Predict([new PromptPoint(20, 10), new(3.5f, 4, Inside: false)]));
        AssertAnswer(1, embedding => embedding.Predict([new PromptPoint(50, 30)]));
        RgbImage overlay = ImageFile.Read(_folder["out/a.sam.overlay.png"]);
        Assert.Equal((60, 40), (overlay.Width, overlay.Height));
        Assert.Equal((60, 230, 90), (overlay.Pixels[3 * 620], overlay.Pixels[(3 * 620) + 1], overlay.Pixels[(3 * 620) + 2]));
    }

    [Fact]
    public void Sam_BoxesAndPoints_BelongTogetherOneByOne()
    {
        CommandLineRun run = Sam("a.png", "--box", "5,6,40,30", "--points", "20,10", "--box", "1,1,60,40", "--points", "9,9,1");
        Assert.True(run.ExitCode == 0, run.Error);
        AssertAnswer(0, embedding => embedding.Predict([new PromptPoint(20, 10)], new(5, 6, 40, 30)));
        AssertAnswer(1, embedding => embedding.Predict([new PromptPoint(9, 9)], new(1, 1, 60, 40)));
    }

    [Fact]
    public void Sam_Mask_IsWhereTheAnswerStarts()
    {
        bool[] drawn = [.. Enumerable.Range(0, 60 * 40).Select(i => i % 60 > 30)];
        LabelPng.WriteGray8(_folder["mask.png"], new LabelMap(60, 40, Array.ConvertAll(drawn, inside => (ushort)(inside ? 255 : 0))));
        CommandLineRun run = Sam("a.png", "--box", "5,6,40,30", "--mask", _folder["mask.png"]);
        Assert.True(run.ExitCode == 0, run.Error);
        AssertAnswer(0, embedding => embedding.Predict(box: new(5, 6, 40, 30), mask: embedding.MaskOf(drawn)));
    }

    [Fact]
    public void Sam_MaskAlone_IsAPromptByItself()
    {
        bool[] drawn = [.. Enumerable.Range(0, 60 * 40).Select(i => i % 60 > 30)];
        LabelPng.WriteGray8(_folder["mask.png"], new LabelMap(60, 40, Array.ConvertAll(drawn, inside => (ushort)(inside ? 255 : 0))));
        CommandLineRun run = Sam("a.png", "--mask", _folder["mask.png"]);
        Assert.True(run.ExitCode == 0, run.Error);
        AssertAnswer(0, embedding => embedding.Predict(mask: embedding.MaskOf(drawn)));
    }

    [Fact]
    public void Sam_Best_WritesOneMaskAndRemovesThoseOfBefore()
    {
        Sam("a.png", "--points", "20,10", "--points", "3,4");
        CommandLineRun run = Sam("a.png", "--points", "20,10", "--best");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(["a.sam.1.mask.png", "a.sam.json", "a.sam.overlay.png"], Files());
        using SegmentAnything sam = Load();
        ObjectMask best = sam.Embed(ImageFile.Read(_folder["a.png"])).Predict([new PromptPoint(20, 10)]).Best;
        Assert.Equal(best.ToPixels(), LabelPng.Read(_folder["out/a.sam.1.mask.png"]).Ids.Select(id => id == 255));
        JsonElement mask = Assert.Single(Record().GetProperty("prompts")[0].GetProperty("masks").EnumerateArray());
        Assert.Equal((best.Score, true), (mask.GetProperty("score").GetSingle(), mask.GetProperty("best").GetBoolean()));
    }

    [Fact]
    public void Sam_Everything_WritesWhatTheLibraryFinds()
    {
        CommandLineRun run = Sam("a.png", "--everything", "--grid", "3", "--least-score", "0", "--least-stability", "0");
        Assert.True(run.ExitCode == 0, run.Error);
        using SegmentAnything sam = Load();
        IReadOnlyList<FoundMask> found = sam.FindEverything(
            ImageFile.Read(_folder["a.png"]), new() { PointsPerSide = 3, LeastScore = 0, LeastStability = 0 });
        Assert.NotEmpty(found);
        Assert.Equal(CocoMasks.ToJson(found), File.ReadAllText(_folder["out/a.sam.everything.json"]));
        JsonElement everything = Record().GetProperty("everything");
        Assert.Equal(("a.sam.everything.json", found.Count), (everything.GetProperty("file").GetString(), everything.GetProperty("masks").GetInt32()));
        Assert.NotEqual(ImageFile.Read(_folder["a.png"]).Pixels, ImageFile.Read(_folder["out/a.sam.overlay.png"]).Pixels);
    }

    [Fact]
    public void Sam_WithAndWithoutTheCache_WritesTheSameFiles()
    {
        string[] arguments = ["sam", _folder["a.png"], "--weights", _folder["sam.safetensors"], "-o", _folder["out"], "--points", "20,10"];
        string[][] caches = [["--no-cache"], ["--cache", _folder["cache"]], ["--cache", _folder["cache"]]];
        Dictionary<string, byte[]>[] results = [.. caches.Select(cache =>
        {
            Assert.Equal(0, Run([.. arguments, .. cache]).ExitCode);
            return Directory.GetFiles(_folder["out"], "*.png").ToDictionary(path => path, File.ReadAllBytes);
        })];
        Assert.Single(Directory.GetFiles(_folder["cache"]));
        Assert.Equal(4, results[0].Count);
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Sam_FolderWhereAPointLiesOutsideAnImage_AnswersTheOthers()
    {
        CommandLineRun run = Sam("images", "--points", "45,20", "--json");
        Assert.Equal(3, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement failed = Assert.Single(json.RootElement.GetProperty("failed").EnumerateArray());
        Assert.Contains("a point lies outside the image", failed.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("b.png", failed.GetProperty("image").GetString(), StringComparison.Ordinal);
        Assert.Equal(3, json.RootElement.GetProperty("images")[0].GetProperty("prompts")[0].GetProperty("masks").GetArrayLength());
        Assert.True(File.Exists(_folder["out/a.sam.json"]));
        Assert.False(Directory.Exists(_folder["out/deep"]));
    }

    [Fact]
    public void Sam_Folder_KeepsItsFolders()
    {
        Assert.Equal(0, Sam("images", "--points", "5,5").ExitCode);
        Assert.True(File.Exists(_folder["out/deep/b.sam.1.mask3.png"]));
        Assert.Equal(0, Sam("images", "--points", "5,5").ExitCode);
    }

    [Fact]
    public void Sam_ResultsOfOtherImages_AreRefusedOrRemoved()
    {
        Sam("images", "--points", "5,5");
        CommandLineRun refused = Sam("a.png", "--points", "5,5");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("b.sam.", refused.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/deep/b.sam.json"]));
        Assert.Equal(0, Sam("a.png", "--points", "5,5", "--overwrite").ExitCode);
        Assert.False(File.Exists(_folder["out/deep/b.sam.json"]));
    }

    [Theory]
    [InlineData("--points 60,5", 3, "a point lies outside the image")]
    [InlineData("--points -1,5", 3, "a point lies outside the image")]
    [InlineData("--points 5,40", 3, "0 to 60 across, 0 to 40 down")]
    [InlineData("--box 5,5,61,20", 3, "a box reaches beyond the image")]
    [InlineData("", 2, "there are no prompts")]
    [InlineData("--points 5,5,2", 2, "a point's label is unknown")]
    [InlineData("--points 5,5,-1", 2, "a point's label is unknown")]
    [InlineData("--points 5", 2, "a point cannot be read")]
    [InlineData("--points 5,5,1,1", 2, "a point cannot be read")]
    [InlineData("--points 5,NaN", 2, "a point cannot be read")]
    [InlineData("--points 1e99,5", 2, "a point cannot be read")]
    [InlineData("--points here", 2, "a point cannot be read")]
    [InlineData("--points ;", 2, "a prompt has no points")]
    [InlineData("--box 5,5,20", 2, "a box cannot be read")]
    [InlineData("--box 20,5,5,20", 2, "a box has no inside")]
    [InlineData("--box 5,5,5,20", 2, "a box has no inside")]
    [InlineData("--box 1,1,9,9 --box 1,1,8,8 --points 3,3", 2, "belong together")]
    [InlineData("--points 3,3 --points 4,4 --mask MASK", 2, "belong together")]
    [InlineData("--points 3,3 --mask MASK --mask MASK", 2, "belong together")]
    [InlineData("--mask MASK", 3, "a mask has another size than its image")]
    [InlineData("--everything --mask MASK", 2, "either")]
    [InlineData("--points 3,3 --mask MASK", 3, "a mask has another size than its image")]
    [InlineData("--points 3,3 --mask none.png", 3, "none.png")]
    [InlineData("--everything --points 3,3", 2, "either")]
    [InlineData("--everything --grid 0", 2, "--grid 0")]
    [InlineData("--everything --least-score 2", 2, "--least-score 2")]
    [InlineData("--everything --least-stability -1", 2, "--least-stability -1")]
    [InlineData("--everything --least-region -1", 2, "--least-region -1")]
    public void Sam_WrongPrompts_AreToldClearly(string prompts, int code, string words)
    {
        LabelPng.WriteGray8(_folder["mask.png"], new LabelMap(7, 7));
        string line = prompts.Replace("MASK", _folder["mask.png"], StringComparison.Ordinal);
        CommandLineRun run = Sam("a.png", line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sam_MissingOrDamagedInputs_AreToldClearly()
    {
        Assert.Equal(3, Sam("none.png", "--points", "3,3").ExitCode);
        File.WriteAllText(_folder["text.png"], "no image");
        Assert.Equal(3, Sam("text.png", "--points", "3,3").ExitCode);
        File.WriteAllText(_folder["weights.pt"], "no weights");
        string[] arguments = ["sam", _folder["a.png"], "--points", "3,3", "--no-cache", "-o", _folder["out"], "--weights"];
        Assert.Equal(4, Run([.. arguments, _folder["weights.pt"]]).ExitCode);
        Assert.Equal(3, Run([.. arguments, _folder["none.pt"]]).ExitCode);
        Assert.Equal(2, Run(["sam", "--points", "3,3", "--no-cache", "-o", _folder["out"], "--weights", _folder["sam.safetensors"]]).ExitCode);
        File.WriteAllText(_folder["taken"], "");
        string[] taken = ["sam", _folder["a.png"], "--points", "3,3", "--no-cache", "-o", _folder["taken"], "--weights", _folder["sam.safetensors"]];
        Assert.Equal(5, Run(taken).ExitCode);
    }

    [Fact]
    public void Sam_Interrupted_SaysHowFarItCame()
    {
        CommandLineRun run = CommandLineRun.Interrupted(
            "sam", "sam", _folder["images"], "--weights", _folder["sam.safetensors"], "-o", _folder["out"], "--everything", "--grid", "200", "--device", "cpu");
        Assert.Equal((int)Failure.Interrupted, run.ExitCode);
        Assert.Contains("0 of 2 images", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"], "*.sam.json", SearchOption.AllDirectories));
    }

    private void AssertAnswer(int prompt, Func<ImageEmbedding, PromptAnswer> ask)
    {
        using SegmentAnything sam = Load();
        PromptAnswer answer = ask(sam.Embed(ImageFile.Read(_folder["a.png"])));
        JsonElement[] rows = [.. Record().GetProperty("prompts")[prompt].GetProperty("masks").EnumerateArray()];
        Assert.Equal(3, rows.Length);
        for (int i = 0; i < 3; i++)
        {
            bool[] pixels = answer.Masks[i].ToPixels();
            int[] inside = [.. Enumerable.Range(0, pixels.Length).Where(pixel => pixels[pixel])];
            string file = $"a.sam.{prompt + 1}.mask{i + 1}.png";
            Assert.Equal(pixels.Select(pixel => pixel ? 255 : 0), LabelPng.Read(_folder[$"out/{file}"]).Ids.Select(id => (int)id));
            Assert.Equal((file, answer.Masks[i].Score, inside.Length, answer.Masks[i] == answer.Best), (rows[i].GetProperty("file").GetString(),
                rows[i].GetProperty("score").GetSingle(), rows[i].GetProperty("area").GetInt32(), rows[i].GetProperty("best").GetBoolean()));
            (int left, int top) = (inside.Min(pixel => pixel % 60), inside.Min(pixel => pixel / 60));
            Assert.Equal([left, top, inside.Max(pixel => pixel % 60) - left + 1, inside.Max(pixel => pixel / 60) - top + 1],
                rows[i].GetProperty("box").EnumerateArray().Select(side => side.GetInt32()));
            Assert.Equal(CocoMasks.Encode(answer.Masks[i].ToMask()), rows[i].GetProperty("segmentation").GetProperty("counts").GetString());
        }
    }

    private JsonElement Record() => JsonDocument.Parse(File.ReadAllBytes(_folder["out/a.sam.json"])).RootElement;

    private string[] Files() => [.. Directory.GetFiles(_folder["out"]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private SegmentAnything Load() => SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cpu, Threads = 2 });

    private static CommandLineRun Run(string[] arguments) => CommandLineRun.Clouds([.. arguments, "--device", "cpu"]);

    private CommandLineRun Sam(string input, params string[] more) =>
        Run(["sam", _folder[input], "--weights", _folder["sam.safetensors"], "-o", _folder["out"], "--cache", _folder["cache"], .. more]);
}
