using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Graph.Building;
using Clouds.Models.Encoders;

namespace Clouds.Tests.Models.Encoders;

/// <summary>What every kind of encoder owes to the code that asks the contract and never the type.</summary>
[Kind(TestKind.Fast)]
public sealed class EncoderTests
{
    public static TheoryData<string> Kinds =>
        [.. typeof(EncoderConfig).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => (string)kind.TypeDiscriminator!)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Build_AnyKind_GivesTheMapsOfItsContract(string kind)
    {
        IEncoder encoder = Default(kind).Create();
        GraphBuilder g = new("encoder");
        int coarsest = encoder.Levels[^1].Stride;
        Pyramid maps = encoder.Build(g, g.Input("image", ElementType.Float, [2, 3, coarsest, 2 * coarsest]));
        Assert.Equal(
            encoder.Levels.Select(level => (level.Name, string.Join(',', [2, level.Channels, coarsest / level.Stride, 2 * coarsest / level.Stride]))),
            maps.Levels.Select(map => (map.Name, string.Join(',', map.Value.Shape.Sizes))));
        Assert.Equal([4, 8, 16, 32], encoder.Levels.Select(level => level.Stride));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Contract_AnyKind_SaysHowColoursAreNormalisedAndWhereItsParametersStand(string kind)
    {
        IEncoder encoder = Default(kind).Create(trainable: true);
        Assert.True(encoder.Trainable);
        Assert.False(Default(kind).Create().Trainable);
        Assert.Equal((3, 3), (encoder.Colours.Mean.Count, encoder.Colours.Deviation.Count));
        Assert.All(encoder.Colours.Deviation, deviation => Assert.InRange(deviation, 1, 255));
        Assert.DoesNotContain('.', encoder.Scope[^1..]);
        Assert.Null(Default(kind).Misfit());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Json_AnyKind_ComesBackAsItWas(string kind)
    {
        EncoderConfig config = Default(kind);
        string json = JsonSerializer.Serialize(config);
        Assert.StartsWith($"{{\"kind\":\"{kind}\"", json);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<EncoderConfig>(json)));
    }

    [Fact]
    public void NameKind_RecordFromBeforeThereWereKinds_IsAConvNeXt()
    {
        JsonNode old = JsonNode.Parse("""{ "Depths": [1, 1, 1, 1], "Widths": [8, 8, 16, 16], "LayerScale": 1 }""")!;
        EncoderConfig.NameKind(old);
        ConvNeXtConfig config = Assert.IsType<ConvNeXtConfig>(old.Deserialize<EncoderConfig>());
        Assert.Equal([8, 8, 16, 16], config.Widths);
    }

    [Theory]
    [InlineData("""{ "Depths": [1, 1, 1] }""", "depths")]
    [InlineData("""{ "Depths": [1, 1, 0, 1] }""", "depths")]
    [InlineData("""{ "Widths": [8, 8, 16, 16, 32] }""", "widths")]
    public void Misfit_ConvNeXtWithoutFourStages_NamesTheKey(string json, string key) =>
        Assert.Equal(key, JsonSerializer.Deserialize<ConvNeXtConfig>(json)!.Misfit()!.Value.Key);

    private static EncoderConfig Default(string kind) => JsonSerializer.Deserialize<EncoderConfig>($$"""{ "kind": "{{kind}}" }""")!;
}
