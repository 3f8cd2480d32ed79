using System.Text.Json.Nodes;
using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Tests.Native.Generation.Store;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds generate` with a painter of patterns.</summary>
[Kind(TestKind.Fast)]
public sealed class GenerateVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<StableDiffusionOptions> _opened = [];

    public GenerateVerbTests() => File.WriteAllLines(_folder["prompts.txt"], TinyStore.Prompts);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Generate_Prompts_FillsAStoreWithThePapersSettings()
    {
        CommandLineRun run = Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("3 of 3 images, 3 painted now, 0 marked", run.Out, StringComparison.Ordinal);
        Assert.Contains("3 images of 32 x 32 to paint; at most", run.Error, StringComparison.Ordinal);
        Assert.Contains("the first image took", run.Error, StringComparison.Ordinal);
        Assert.Contains("for the 2 that are left", run.Error, StringComparison.Ordinal);
        StoredImage image = ImageStore.Read(_folder["a"]).Images()[1];
        Assert.Equal((50, 7.5, PaintSampler.Euler, 2L, "", TinyStore.Prompts[1]),
            (image.Steps, image.Guidance, image.Sampler, image.Seed, image.NegativePrompt, image.Prompt));
    }

    [Fact]
    public void Generate_EveryOption_ReachesThePainterAndTheRecord()
    {
        CommandLineRun run = Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--count", "4", "--seed", "-3", "--size", "64x40",
            "--steps", "3", "--sampler", "dpmsolver", "--guidance", "2.5", "--negative", "fog, people", "--precision", "half", "--tile", "256",
            "--device", "cpu", "--batch", "2");

        Assert.True(run.ExitCode == 0, run.Error);
        StoredImage image = ImageStore.Read(_folder["a"]).Images()[3];
        Assert.Equal((0L, 64, 40, 3, PaintSampler.DpmSolver, 2.5, "fog, people", 0),
            (image.Seed, image.Width, image.Height, image.Steps, image.Sampler, image.Guidance, image.NegativePrompt, image.PromptIndex));
        Assert.Equal((PaintPrecision.Half, 256), (_opened[0].Precision, _opened[0].Tile));
    }

    [Fact]
    public void Generate_TheSameAgain_PaintsNothing()
    {
        string[] line = ["--prompts", _folder["prompts.txt"], "--count", "5", "--out", _folder["a"]];
        Generate(line);
        SortedDictionary<string, string> before = TinyStore.Content(_folder["a"]);

        Assert.Contains("5 of 5 images, 0 painted now", Generate(line).Out, StringComparison.Ordinal);
        Assert.Equal(before, TinyStore.Content(_folder["a"]));
    }

    [Fact]
    public void Generate_OtherSettings_AreRefusedWithEachDifference()
    {
        Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"]);
        CommandLineRun run = Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--seed", "9", "--steps", "4");

        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("seed 1, not 9; steps 50, not 4", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_Shards_AreWhatOneProcessMakes()
    {
        string[] line = ["--prompts", _folder["prompts.txt"], "--count", "8"];
        Generate([.. line, "--out", _folder["whole"]]);
        CommandLineRun first = Generate([.. line, "--out", _folder["a"], "--shard", "2/2"]);
        CommandLineRun second = Generate([.. line, "--out", _folder["a"], "--shard", "1/2"]);

        Assert.Contains("4 of 8 images, 4 painted now; the other parts are still to be made", first.Out, StringComparison.Ordinal);
        Assert.Contains("8 of 8 images, 4 painted now, 0 marked", second.Out, StringComparison.Ordinal);
        Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(_folder["a"]), Same);
    }

    [Fact]
    public void Generate_LikeAnImage_MakesTheSamePixels()
    {
        Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--seed", "40", "--steps", "7", "--negative", "fog", "--sampler", "ddim",
            "--size", "40x48");
        string image = _folder["a/images/000002.png"];
        CommandLineRun run = Generate("--like", image, "--out", _folder["b"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("will not be the same", run.Error, StringComparison.Ordinal);
        Assert.Equal(ImageFile.Read(image).Pixels, ImageFile.Read(_folder["b/images/000000.png"]).Pixels);
        Assert.Single(ImageStore.Read(_folder["b"]).Images());
    }

    [Fact]
    public void Generate_LikeAnImageButFor_ChangesThatAlone()
    {
        Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--steps", "7");
        CommandLineRun run = Generate("--like", _folder["a/images/000002.png"], "--guidance", "3", "--count", "2", "--out", _folder["b"]);

        Assert.True(run.ExitCode == 0, run.Error);
        StoredImage[] images = [.. ImageStore.Read(_folder["b"]).Images()];
        Assert.Equal([(3.0, 7, 3L, TinyStore.Prompts[2]), (3.0, 7, 4L, TinyStore.Prompts[2])],
            images.Select(image => (image.Guidance, image.Steps, image.Seed, image.Prompt)));
    }

    [Fact]
    public void Generate_LikeAnImageOfAnotherModel_SaysThatItWillDiffer()
    {
        Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"]);
        using PatternPainter other = new() { Facts = Facts("b", "fp16", "cuda:0") };
        CommandLineRun run = CommandLineRun.Of(
            [new GenerateVerb((_, _) => other)], "generate", "--model", "m", "--like", _folder["a/images/000000.png"], "--out", _folder["b"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("another model painted it, pattern", run.Error, StringComparison.Ordinal);
        Assert.Contains("painted in fp32, which is fp16 now", run.Error, StringComparison.Ordinal);
        Assert.Contains("painted on cpu, which is cuda now", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_FromAnImage_TakesItsSizeAndNamesIt()
    {
        ImageFile.WritePng(_folder["start.png"], Pictures.Noise(48, 24));
        CommandLineRun run = Generate("--prompts", _folder["prompts.txt"], "--image", _folder["start.png"], "--strength", "0.4", "--out", _folder["a"]);

        Assert.True(run.ExitCode == 0, run.Error);
        StoredImage image = ImageStore.Read(_folder["a"]).Images()[0];
        Assert.Equal((48, 24, 0.4, "start.png"), (image.Width, image.Height, image.Strength, image.Start!.Name));
        Assert.Equal((int)Failure.Usage, Generate("--like", _folder["a/images/000000.png"], "--out", _folder["b"]).ExitCode);
        Assert.Equal(0, Generate("--like", _folder["a/images/000000.png"], "--image", _folder["start.png"], "--out", _folder["b"]).ExitCode);
        Assert.Equal(ImageFile.Read(_folder["a/images/000000.png"]).Pixels, ImageFile.Read(_folder["b/images/000000.png"]).Pixels);
    }

    [Fact]
    public void Generate_Pages_ShowImagesPromptsClassesAndMarks()
    {
        File.WriteAllLines(
            _folder["prompts.jsonl"],
            ["""{"prompt":"a <b> car","classes":["car"]}""", """{"prompt":"a bus and a car","classes":["car","bus"]}"""]);
        using PatternPainter black = new()
        {
            Picture = request => request.Seed == 2 ? new RgbImage(32, 32) : PatternPainter.Pattern($"{request.Seed}", 32, 32),
        };
        CommandLineRun run = CommandLineRun.Of(
            [new GenerateVerb((_, _) => black)], "generate", "--model", "m", "--prompts", _folder["prompts.jsonl"], "--count", "450", "--steps", "1",
            "--out", _folder["a"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(", 1 marked; ", run.Out, StringComparison.Ordinal);
        Assert.Equal("images/000001.png", Assert.Single(StoreMarks.Read(_folder["a"])).File);
        string[] pages = [.. ((string[])["index.html", "index-2.html", "index-3.html"]).Select(name => File.ReadAllText(_folder[$"a/{name}"]))];
        Assert.Equal([200, 200, 50], pages.Select(page => page.Split("<a href=\"images/").Length - 1));
        Assert.Contains("0: a &lt;b&gt; car", pages[0], StringComparison.Ordinal);
        Assert.Contains("<b>constant</b> 1: a bus and a car", pages[0], StringComparison.Ordinal);
        Assert.Contains("<b>100.0</b>car (450 images)", pages[0], StringComparison.Ordinal);
        Assert.Contains("<b>50.0</b>bus (225 images)", pages[0], StringComparison.Ordinal);
        Assert.Contains("Image 0 in its steps", pages[0], StringComparison.Ordinal);
        Assert.Contains("<a href=\"index-3.html\">3</a>", pages[1], StringComparison.Ordinal);
        Assert.All(pages, page => System.Xml.Linq.XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Generate_PromptThatTheTextEncoderDoesNotReadToItsEnd_IsToldOnce()
    {
        File.WriteAllLines(_folder["long.txt"], ["a photo of a car", "a photo of a bus that is described at very great length"]);
        CommandLineRun run = Generate("--prompts", _folder["long.txt"], "--count", "6", "--out", _folder["a"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("clouds: prompt 2 is longer than the text encoder reads; images do not know its end, 'the rest'", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("the rest", StringComparison.Ordinal));
    }

    [Fact]
    public void Generate_LastSeedThereIs_MakesOneImageAndNoMore()
    {
        string[] line = ["--prompts", _folder["prompts.txt"], "--seed", $"{long.MaxValue}", "--out", _folder["a"], "--count"];
        CommandLineRun two = Generate([.. line, "2"]);

        Assert.Equal((int)Failure.Usage, two.ExitCode);
        Assert.Contains("seeds below 2^63", two.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["a/store.json"]));
        Assert.Equal(0, Generate([.. line, "1"]).ExitCode);
        Assert.Equal(long.MaxValue, ImageStore.Read(_folder["a"]).Images()[0].Seed);
    }

    [Fact]
    public void Report_OfAStoreThatIsBeingFilled_ShowsWhatIsThere()
    {
        TinyStore.Fill(_folder["a"], 5);
        File.Delete(_folder["a/images/000004.png"]);
        CommandLineRun run = CommandLineRun.Clouds("report", _folder["a"], "--json");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(4, (int)JsonNode.Parse(run.Out)!["images"]!);
        Assert.True(File.Exists(_folder["a/index.html"]));
        Assert.Equal((int)Failure.Usage, CommandLineRun.Clouds("report", _folder["a"], "--out", _folder["x.html"]).ExitCode);
    }

    [Theory]
    [InlineData("neither --prompts nor --like")]
    [InlineData("1 or more", "--prompts", "PROMPTS", "--count", "0")]
    [InlineData("WIDTHxHEIGHT", "--prompts", "PROMPTS", "--size", "512")]
    [InlineData("WIDTHxHEIGHT", "--prompts", "PROMPTS", "--size", "0x512")]
    [InlineData("multiples of 8 pixels up to 16384, such as 24x32", "--prompts", "PROMPTS", "--size", "21x32")]
    [InlineData("such as 8x16384", "--prompts", "PROMPTS", "--size", "1x2147483647")]
    [InlineData("0.1 of 4 steps", "--prompts", "PROMPTS", "--image", "START", "--strength", "0.1", "--steps", "4")]
    [InlineData("1..1000", "--prompts", "PROMPTS", "--steps", "0")]
    [InlineData("1 or more", "--prompts", "PROMPTS", "--guidance", "0")]
    [InlineData("1 or more", "--prompts", "PROMPTS", "--batch", "0")]
    [InlineData("1/4 to 4/4", "--prompts", "PROMPTS", "--shard", "0/4")]
    [InlineData("without --clip", "--prompts", "PROMPTS", "--clip-threshold", "0.2")]
    [InlineData("-1 to 1", "--prompts", "PROMPTS", "--clip", "clip", "--clip-threshold", "28")]
    [InlineData("--image FILE", "--prompts", "PROMPTS", "--strength", "0.5")]
    [InlineData("euler", "--prompts", "PROMPTS", "--sampler", "heun")]
    public void Generate_WrongLine_IsRefusedAndLeavesNoStore(string told, params string[] line)
    {
        ImageFile.WritePng(_folder["start.png"], Pictures.Noise(32, 32));
        string Named(string word) => word == "PROMPTS" ? _folder["prompts.txt"] : word == "START" ? _folder["start.png"] : word;
        CommandLineRun run = Generate([.. line.Select(Named), "--out", _folder["a"]]);

        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["a/store.json"]));
    }

    [Fact]
    public void Generate_Interrupted_SaysHowManyAreThereAndGoesOn()
    {
        string[] line = ["generate", "--model", "m", "--prompts", _folder["prompts.txt"], "--count", "40", "--out", _folder["a"], "--json"];
        CommandLineRun run = CommandLineRun.Interrupted([new GenerateVerb(Open)], "the first image took", line);

        Assert.Equal((int)Failure.Interrupted, run.ExitCode);
        Assert.Contains("of 40 images", run.Error, StringComparison.Ordinal);
        int there = ImageStore.Read(_folder["a"]).Images().Count;
        Assert.InRange(there, 1, 39);
        Assert.Contains($"\"images\":40,\"of\":40,\"painted\":{40 - there}", Generate(line[3..]).Out, StringComparison.Ordinal);
    }

    private static bool Same(SortedDictionary<string, string> one, SortedDictionary<string, string> other)
        => WithoutPages(one).SequenceEqual(WithoutPages(other));

    private static IEnumerable<KeyValuePair<string, string>> WithoutPages(SortedDictionary<string, string> content)
        => content.Where(pair => !pair.Key.EndsWith(".html", StringComparison.Ordinal));

    private static PainterFacts Facts(string digest, string precision, string device)
    {
        using PatternPainter painter = new();
        return new PainterFacts
        {
            Name = "other",
            Files = [painter.Facts.Files[0] with { Sha256 = new string(digest[0], 64) }],
            Side = 32,
            Multiple = 8,
            Sampler = PaintSampler.Euler,
            Prediction = "epsilon",
            MostSteps = 1000,
            Precision = precision,
            Device = device,
        };
    }

    private PatternPainter Open(string path, StableDiffusionOptions options)
    {
        _opened.Add(options);
        return new PatternPainter();
    }

    private CommandLineRun Generate(params string[] line) => CommandLineRun.Of([new GenerateVerb(Open)], ["generate", "--model", "m", .. line]);
}
