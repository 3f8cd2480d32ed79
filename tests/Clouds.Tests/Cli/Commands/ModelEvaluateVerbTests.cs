using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Weights;
using Clouds.Tests.Native.Sam;
using Clouds.Training.Streets;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds evaluate clip|sam|vae|diffusion` with networks of a few thousand parameters.</summary>
[Kind(TestKind.Fast)]
public sealed class ModelEvaluateVerbTests : IDisposable
{
    private const string World = "world:wide?count=30&width=64&height=64&split=test";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clip_OnTheWideWorld_IsMeasuredTheSameOnAnyNumberOfThreads()
    {
        string clip = TinyClip.Write(_folder["clip"]);
        JsonObject one = Json("clip", clip, "--data", World, "--threads", "1", "--out", _folder["out"]);
        Assert.Equal(one.ToJsonString(), Json("clip", clip, "--data", World, "--threads", "2").ToJsonString());
        Assert.Equal(one.ToJsonString(), JsonNode.Parse(File.ReadAllText(_folder["out/evaluation.json"]))!.ToJsonString());
        JsonObject measures = one["measures"]!.AsObject();
        Assert.Equal("topOneOf20", measures.First().Key);
        Assert.Equal(14, measures.Count);
        Assert.InRange((double)measures["readerTopOneOf20"]!, 0.4, 0.95);
        Assert.Equal((30, 1), ((int)one["count"]!, (int)one["seed"]!));
        Assert.Equal(MeanCosine(clip), (double)measures["meanCosine"]!, 6);
    }

    [Theory]
    [InlineData("sam", 4)]
    [InlineData("vae", 3)]
    [InlineData("diffusion", 2)]
    public void Pictures_AreOnASheetAndAPage_AndTheNumbersTheSameOnAnyNumberOfThreads(string kind, int columns)
    {
        JsonObject one = Json(kind, [.. Line(kind), "--threads", "1", "--out", _folder["out"]]);
        Assert.Equal(one.ToJsonString(), Json(kind, [.. Line(kind), "--threads", "2"]).ToJsonString());
        Assert.Equal(one.ToJsonString(), JsonNode.Parse(File.ReadAllText(_folder["out/evaluation.json"]))!.ToJsonString());
        Assert.Equal(kind, (string)one["kind"]!);
        Assert.All(one["files"]!.AsArray(), file => Assert.Equal(64, ((string)file!["sha256"]!).Length));
        (int width, int height) = kind == "diffusion" ? (64 + 4 + 16, 16 * 68) : ((columns * 68), 3 * 68);
        RgbImage sheet = ImageFile.Read(_folder["out/sheet.png"]);
        Assert.Equal((width - (kind == "diffusion" ? 0 : 4), height - 4), (sheet.Width, sheet.Height));
        Assert.Equal(columns * (kind == "diffusion" ? 16 : 3), File.ReadAllText(_folder["out/sheet.html"]).Split("<figcaption>").Length - 1);
        Assert.Equal(["evaluation.json", "sheet.html", "sheet.png"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Evaluate_AnImageThatCannotBeRead_IsLeftOutAndTold()
    {
        new TinyTrainings(_folder["inputs"]);
        File.WriteAllText(_folder["inputs/pictures/2.png"], "no picture");
        new TinyDiffusion().Save(_folder);
        string[] line = ["evaluate", "vae", _folder["vae"], "--data", _folder["inputs/pictures"], "--device", "cpu", "--json"];
        CommandLineRun run = CommandLineRun.Clouds(line);
        Assert.Equal((int)Failure.BadInput, run.ExitCode);
        JsonNode evaluation = JsonNode.Parse(run.Out)!;
        Assert.Equal((5, "2"), ((int)evaluation["count"]!, (string)evaluation["leftOut"]![0]!["sample"]!));
        Assert.Contains("1 of 6 samples left out", run.Error, StringComparison.Ordinal);
        Assert.Equal((int)Failure.BadInput, CommandLineRun.Clouds([.. line, "--set", "data.onUnreadable=fail"]).ExitCode);
    }

    [Fact]
    public void Evaluate_ModelsThatAreNone_AreRefused()
    {
        new TinyDiffusion().Save(_folder);
        foreach ((string kind, string model, Failure failure) in ((string, string, Failure)[])
            [("clip", "unet", Failure.Weights), ("sam", "nowhere", Failure.BadInput), ("vae", "unet", Failure.Weights)])
        {
            CommandLineRun run = CommandLineRun.Clouds("evaluate", kind, _folder[model], "--data", World, "--device", "cpu");
            Assert.True(run.ExitCode == (int)failure, $"{kind}: {run.ExitCode} {run.Error}");
        }
    }

    [Fact]
    public void Clip_SomeOfTheImages_AreDrawnByTheSeed()
    {
        string clip = TinyClip.Write(_folder["clip"]);
        string Measured(string seed) => Json("clip", clip, "--data", World, "--count", "25", "--seed", seed)["measures"]!.ToJsonString();
        Assert.Equal(Measured("3"), Measured("3"));
        Assert.NotEqual(Measured("3"), Measured("4"));
    }

    [Theory]
    [InlineData("world:wide?count=19&width=64&height=64", "0", Failure.BadInput, "too few different captions")]
    [InlineData("streets:source?count=3&width=64&height=64", "0", Failure.Usage, "no captions")]
    [InlineData(World, "-1", Failure.Usage, "0 or more")]
    public void Clip_WrongInput_IsRefusedInOneSentence(string data, string count, Failure failure, string told)
    {
        CommandLineRun run = CommandLineRun.Clouds("evaluate", "clip", TinyClip.Write(_folder["clip"]), "--data", data, "--count", count, "--device", "cpu");
        Assert.Equal((int)failure, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
    }

    // Three images of 64 x 64, and 24 for the painter, whose paintings have 16 x 16.
    private string[] Line(string kind)
    {
        const string Few = "world:wide?count=3&width=64&height=64";
        switch (kind)
        {
            case "sam":
                TinySam.Write(_folder["sam.safetensors"]);
                return [_folder["sam.safetensors"], "--data", Few];
            case "vae":
                new TinyDiffusion().Save(_folder);
                return [_folder.Path, "--data", Few];
            default:
                new TinyDiffusion().Save(_folder);
                return [_folder.Path, "--clip", TinyClip.Write(_folder["clip"]), "--data", World, "--count", "24", "--steps", "2"];
        }
    }

    private static double MeanCosine(string clip)
    {
        WorldDataset data = new(new() { Style = WorldStyle.Of(WorldGroup.Wide).Single(), Count = 30, Width = 64, Height = 64, Split = StreetSplit.Test });
        using ClipScorer scorer = ClipScorer.Load(clip);
        return Enumerable.Range(0, 30).Average(i => ClipScorer.Cosine(scorer.Embed(data.LoadImage(i)), scorer.Embed(data.Caption(i))));
    }

    private static JsonObject Json(string kind, params string[] arguments)
    {
        CommandLineRun run = CommandLineRun.Clouds(["evaluate", kind, .. arguments, "--json", "--device", "cpu"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonNode.Parse(run.Out)!.AsObject();
    }
}
