using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Store;
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
        Assert.Equal(13, measures.Count);
        Assert.Equal((30, 1), ((int)one["count"]!, (int)one["seed"]!));
        Assert.Equal(MeanCosine(clip), (double)measures["meanCosine"]!, 6);
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
