using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class NameMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string WeightPath => _folder["w.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dialects_EveryTable_IsReadAndMapsOntoParametersOfOurs() => Assert.All(NameMap.Dialects, dialect =>
    {
        string table = Path.Combine(Repository.Root, "models", "names", $"{dialect}.tsv");
        string[] ours = [.. File.ReadLines(table).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')[1])];
        Assert.Equal(dialect, NameMap.Of(dialect).Dialect);
        Assert.All(ours, name => Assert.Contains(Manifest(), line => line.StartsWith(name.TrimEnd('*'), StringComparison.Ordinal)));
    });

    [Theory]
    [InlineData("open_clip", "visual.trunk.stem.0.weight", "backbone.clip_model.visual.trunk.stem.0.weight")]
    [InlineData("timm", "stages.2.blocks.26.gamma", "backbone.clip_model.visual.trunk.stages.2.blocks.26.gamma")]
    [InlineData("mask2former", "sem_seg_head.predictor.static_query.weight", "sem_seg_head.predictor.query_feat.weight")]
    [InlineData("mask2former", "sem_seg_head.predictor.query_embed.weight", "sem_seg_head.predictor.query_embed.weight")]
    public void Translate_NameOfAnotherProgram_IsOurs(string dialect, string theirs, string ours) => Assert.Equal(ours, NameMap.Of(dialect).Translate(theirs));

    [Theory]
    [InlineData("model.layers.3.attn.q.weight", "blocks.3.query.weight")]
    [InlineData("model.layers.3.attn.k.weight", "model.layers.3.attn.k.weight")]
    [InlineData("embed", "table")]
    [InlineData("embed.weight", "embed.weight")]
    [InlineData("xaba", "yb")]
    [InlineData("xa", "xa")]
    public void Translate_Stars_AreFilledInOrder(string theirs, string ours) =>
        Assert.Equal(ours, NameMap.Parse("test", "model.layers.*.attn.q.*\tblocks.*.query.*\nembed\ttable\nxa*a\ty*\n").Translate(theirs));

    [Theory]
    [InlineData("one name")]
    [InlineData("a.*\tb")]
    [InlineData("a\tb\tc")]
    public void Parse_LineOfAnotherForm_Throws(string line) => Assert.Throws<FormatException>(() => NameMap.Parse("test", line));

    [Theory]
    [InlineData("", null)]
    [InlineData("backbone.clip_model.", "open_clip")]
    [InlineData("backbone.clip_model.visual.trunk.", "timm")]
    public void Open_EncoderOfAnotherProgram_IsReadUnderOurNames(string without, string? dialect)
    {
        IReadOnlyCollection<Parameter> encoder = Encoder();
        Write(encoder.Select(parameter => (parameter.Name[without.Length..], parameter)));
        using WeightSource source = WeightSource.Open(WeightPath, encoder);
        Assert.Equal(dialect, source.Dialect);
        Assert.Empty(WeightMatch.Of(source, encoder).Faults);
        Parameter last = encoder.Last();
        Assert.Equal(last.Initialize(5), source.ReadFloats(last.Name));
    }

    [Fact]
    public void Open_OtherProgramsFileThatLacksATensor_SaysInWhichNamesItWasRead()
    {
        IReadOnlyCollection<Parameter> encoder = Encoder();
        Write(encoder.Skip(1).Select(parameter => (parameter.Name["backbone.clip_model.".Length..], parameter)));
        CloudsException e = Assert.Throws<CloudsException>(() => FrozenWeights.Open(WeightPath, encoder));
        Assert.Contains("1 missing", e.Message, StringComparison.Ordinal);
        Assert.Contains("read under the names of open_clip", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TwoTensorsForOneName_AreRefused()
    {
        IReadOnlyCollection<Parameter> encoder = Encoder();
        Parameter first = encoder.First();
        Write([.. encoder.Select(parameter => (parameter.Name["backbone.clip_model.".Length..], parameter)), (first.Name, first)]);
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(WeightPath, encoder));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains(first.Name, e.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyCollection<Parameter> Encoder()
    {
        GraphBuilder g = new("encoder");
        new MaskFormer(MaskFormerConfig.Small, 19).Encode(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        return g.Parameters;
    }

    private static IEnumerable<string> Manifest() =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "golden", "manifests", "clouds_convnext_l.tsv"));

    private void Write(IEnumerable<(string Name, Parameter Parameter)> tensors)
    {
        (string Name, Parameter Parameter)[] all = [.. tensors];
        using SafetensorsWriter writer = new(WeightPath, [.. all.Select(t => new TensorDeclaration(t.Name, WeightType.F32, t.Parameter.Shape.Sizes))]);
        foreach ((string name, Parameter parameter) in all)
        {
            writer.Write(name, parameter.Initialize(5));
        }

        writer.Commit();
    }
}
