using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

[Kind(TestKind.Fast)]
public sealed class SourceRunTests : IDisposable
{
    private static readonly SourceRun Defaults = new() { Config = new SourceTrainingConfig(), Data = "streets:source" };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Interrupted_PresetOfOtherValues_IsReadAsWritten()
    {
        SourceRun small = Defaults with { Config = SourceTrainingConfig.Small };
        Assert.Equal(small.ToJson(), Interrupted(Json(small)).ToJson());
    }

    // Whatever an older version did not know yet, at any depth; members that are added later come under this test by themselves.
    [Fact]
    public void Interrupted_AnyMemberLacking_GetsTheDefaultOfItsRecord()
    {
        string[] paths = [.. Members(Json(Defaults)["config"]!.AsObject(), "config")];
        Assert.Contains("config.network.encoder.layerScale", paths);
        Assert.Contains("config.augmentation.colourStrength.hue", paths);
        Assert.All(paths, path =>
        {
            JsonObject older = Json(Defaults);
            string[] keys = path.Split('.');
            keys[..^1].Aggregate((JsonNode)older, (node, key) => node[key]!).AsObject().Remove(keys[^1]);
            Assert.Equal(Defaults.ToJson(), Interrupted(older).ToJson());
        });
    }

    [Fact]
    public void Interrupted_RecordsOfOtherSizes_KeepThemBesideTheDefaults()
    {
        JsonObject older = new()
        {
            ["data"] = "streets:source",
            ["config"] = new JsonObject
            {
                ["steps"] = 7,
                ["network"] = new JsonObject { ["encoder"] = new JsonObject { ["kind"] = "convnext", ["depths"] = new JsonArray(1, 1, 1, 1) } },
                ["optimizer"] = new JsonObject { ["schedule"] = "Poly" },
            },
        };
        SourceTrainingConfig config = Interrupted(older).Config;
        ConvNeXtConfig encoder = Assert.IsType<ConvNeXtConfig>(config.Network.Encoder);
        Assert.Equal((7L, 8, 1L), (config.Steps, config.Batch, config.Seed));
        Assert.Equal([1, 1, 1, 1], encoder.Depths);
        Assert.Equal([192, 384, 768, 1536], encoder.Widths);
        Assert.Equal(1e-6, encoder.LayerScale);
        Assert.Equal((ScheduleKind.Poly, 0.9, 0.05), (config.Optimizer.Schedule, config.Optimizer.Power, config.Optimizer.WeightDecay));
        Assert.Equal((0.1, 32), (config.Encoder.LearningRateMultiplier, config.Augmentation.ColourStrength.Brightness));
    }

    [Theory]
    [InlineData("data")]
    [InlineData("config")]
    public void Interrupted_WithoutItsDataOrSettings_IsRefused(string member)
    {
        JsonObject run = Json(Defaults);
        run.Remove(member);
        CloudsException failure = Assert.Throws<CloudsException>(() => Interrupted(run));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(member, failure.Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"steps\":40000", "\"steps\":\"many\"", "steps")]
    [InlineData("\"kind\":\"convnext\"", "\"kind\":\"vit\"", "vit")]
    [InlineData("\"seed\":1", "\"seed\":1,\"seed\":2", "config.seed")]
    [InlineData("\"encoder\":{\"kind\"", "\"encoder\":7,\"other\":{\"kind\"", "encoder")]
    public void Interrupted_DescriptionThatIsWrong_IsRefusedWithTheReason(string old, string changed, string reason)
    {
        string wrong = Json(Defaults).ToJsonString().Replace(old, changed, StringComparison.Ordinal);
        CloudsException failure = Assert.Throws<CloudsException>(() => Interrupted(wrong));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    private static JsonObject Json(SourceRun run) => JsonNode.Parse(run.ToJson())!.AsObject();

    private static IEnumerable<string> Members(JsonObject record, string path) => record.SelectMany(member =>
        member.Value is JsonObject inner ? [$"{path}.{member.Key}", .. Members(inner, $"{path}.{member.Key}")] : (string[])[$"{path}.{member.Key}"]);

    private SourceRun Interrupted(JsonObject run) => Interrupted(run.ToJsonString());

    private SourceRun Interrupted(string run)
    {
        RunFolder folder = new(_folder["run"]);
        Directory.CreateDirectory(folder.Path);
        string state = $$"""{"step":3,"skippedInARow":0,{{run[1..]}}""";
        using (SafetensorsWriter writer = new(folder.Checkpoint, [], new Dictionary<string, string> { ["clouds.training"] = state }))
        {
            writer.Commit();
        }

        return SourceRun.Interrupted(folder);
    }
}
