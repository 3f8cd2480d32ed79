using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Tests.Models;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class NameMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string WeightPath => _folder["w.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Dialects_EveryTable_IsReadAndKnowsItsProgramByNames() => Assert.All(NameMap.Dialects, dialect =>
    {
        string[] table = File.ReadAllLines(Path.Combine(Repository.Root, "models", "names", $"{dialect}.tsv"));
        Assert.Equal(dialect, NameMap.Of(dialect).Dialect);
        Assert.Contains(table, line => line.StartsWith('='));
        Assert.All(table.Where(line => !line.StartsWith('=') && !line.StartsWith('#')), line => Assert.Equal(2, line.Split('\t').Length));
    });

    // Parameters of the full-size networks and what each program publishes, both as the key lists have them.
    [Theory]
    [InlineData("clouds_rn50", "backbone.clip_model.", "openai", "clip_rn50")]
    [InlineData("clouds_rn101", "backbone.clip_model.", "openai", "clip_rn101")]
    [InlineData("clouds_convnext_l", "backbone.clip_model.", "open_clip", "convnext_l")]
    [InlineData("clouds_convnext_l", "backbone.clip_model.visual.trunk.", "timm", "convnext_l")]
    [InlineData("clouds_convnext_l", "", "clouds", "convnext_l")]
    [InlineData("torchvision_resnet50", "", "torchvision", "in_rn50")]
    [InlineData("torchvision_resnet101", "", "torchvision", "in_rn101")]
    [InlineData("mit_b5", "", "segformer", "mit_b5")]
    public void Translate_PublishedNames_AreThoseOfTheWholeEncoder(string manifest, string without, string dialect, string encoder)
    {
        string[] published = [.. Manifest(manifest).Where(name => name.StartsWith(without, StringComparison.Ordinal)).Select(name => name[without.Length..])];
        Assert.Equal((dialect, ""), NameMap.Recognise(published));
        NameMap map = NameMap.Of(dialect);
        HashSet<string> ours = [.. published.Select(map.Translate)];
        Assert.All(FullSize(encoder), parameter => Assert.Contains(parameter.Name, ours));
    }

    [Theory]
    [InlineData("backbone.stem.conv1.norm.running_var", "backbone.bn1.running_var")]
    [InlineData("backbone.res2.0.shortcut.norm.weight", "backbone.layer1.0.downsample.1.weight")]
    [InlineData("backbone.res5.2.conv3.weight", "backbone.layer4.2.conv3.weight")]
    public void Translate_NamesOfDetectron2_AreThoseOfTorchvisionBelowTheBackbone(string theirs, string ours)
    {
        Assert.Equal(ours, NameMap.Of("mask2former").Translate(theirs));
        Assert.Equal(ours, NameMap.Of("detectron2").Translate(theirs["backbone.".Length..]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("model.")]
    [InlineData("state_dict.module.")]
    [InlineData("state_dict_ema.")]
    public void Open_KeysInFrontOfAllNames_AreLeftOut(string below)
    {
        IReadOnlyCollection<Parameter> encoder = Encoder();
        Write([.. encoder.Select(parameter => ($"{below}{parameter.Name["backbone.clip_model.".Length..]}", parameter)), ("optimizer.lr", encoder.First())]);
        using WeightSource source = WeightSource.Open(WeightPath, encoder);
        Assert.Equal(("open_clip", below), (source.Dialect, source.Below));
        Assert.Empty(WeightMatch.Of(source, encoder).Faults);
    }

    [Fact]
    public void Open_WeightsAndTheirAverage_TakesTheWeights()
    {
        IReadOnlyCollection<Parameter> encoder = Encoder();
        Write(((string[])["model_ema", "state_dict"]).SelectMany(key => encoder.Select(parameter => ($"{key}.{parameter.Name}", parameter))));
        using WeightSource source = WeightSource.Open(WeightPath, encoder);
        Assert.Equal((null, "state_dict."), (source.Dialect, source.Below));
    }

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

    private static IReadOnlyCollection<Parameter> FullSize(string encoder)
    {
        GraphBuilder g = new("encoder");
        IEncoder network = EncoderConfig.Published[encoder].Create();
        using IDisposable scope = g.Scope(network.Scope);
        network.Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64]));
        return g.Parameters;
    }

    private static IEnumerable<string> Manifest(string name) => PublishedKeys.Of(name).Select(tensor => tensor.Name);

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
