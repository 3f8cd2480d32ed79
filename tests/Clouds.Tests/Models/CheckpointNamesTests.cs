using System.Text.Json;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Diffusion;
using Clouds.Models.Encoders;
using Clouds.Models.Llama;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Sam;

namespace Clouds.Tests.Models;

/// <summary>Names, shapes and counts of the paper-size networks against the lists of the published checkpoints.</summary>
[Kind(TestKind.Fast)]
public sealed class CheckpointNamesTests
{
    private const int Classes = 19;

    private static readonly int[] ConvNeXtWidths = [192, 384, 768, 1536];
    private static readonly int[] ResNetWidths = [256, 512, 1024, 2048];
    private static readonly int[] MixTransformerWidths = [64, 128, 320, 512];

    [Fact]
    public void Encoder_OfPaperSize_HasTheCheckpointsTensors()
    {
        GraphBuilder g = new("encoder");
        Value image = g.Input("image", ElementType.Float, [1, 3, 64, 64]);
        MaskFormer network = new(MaskFormerConfig.Paper, 19);
        Pyramid features = network.Encode(g, image);
        using (g.Scope(network.Encoder.Scope))
        {
            ConvNeXt.Embed(g, g.GlobalAveragePool(features.C5), 768);
        }

        AssertSame(Manifest("clouds_convnext_l", "backbone.clip_model.visual."), g.Parameters);
    }

    [Theory]
    [InlineData("clouds_rn50", nameof(ClipResNetConfig.Rn50))]
    [InlineData("clouds_rn101", nameof(ClipResNetConfig.Rn101))]
    public void ClipResNet_OfPublishedSize_HasTheCheckpointsTensors(string manifest, string size)
    {
        ClipResNet encoder = new(size == nameof(ClipResNetConfig.Rn50) ? ClipResNetConfig.Rn50 : ClipResNetConfig.Rn101);
        GraphBuilder g = new("encoder");
        using (g.Scope(encoder.Scope))
        {
            encoder.Embed(g, encoder.Build(g, Square(g, 224)).C5);
        }

        AssertSame(Manifest(manifest, $"{encoder.Scope}.visual."), g.Parameters);
    }

    // OpenAI's files are in half precision where their converter leaves them so: what multiplies, embedding tables and scales aside.
    [Theory]
    [InlineData("clip_rn50", "clip_rn50")]
    [InlineData("clip_rn101", "clip_rn101")]
    public void Clip_AsOpenAiPublishesIt_HasTheFilesTensorsInTheirTypes(string manifest, string encoder)
    {
        ClipResNet visual = (ClipResNet)EncoderConfig.Published[encoder].Create();
        GraphBuilder g = new("clip");
        visual.Embed(g, visual.Build(g, Square(g, 224)).C5);
        Tower(g, ClipTextConfig.ResNet, visual.Embedding);
        bool IsHalf(Parameter p) =>
            p.Kind == ParameterKind.Plain && !p.Name.EndsWith("positional_embedding", StringComparison.Ordinal) && p.Name != "logit_scale";
        string[] ours = [.. g.Parameters.Select(p => $"{p.Name} {Extents(p)} {(IsHalf(p) ? "F16" : Type(p))}")];
        string[] sizes = ["input_resolution scalar I64", "context_length scalar I64", "vocab_size scalar I64"];
        Assert.Equal(Manifest(manifest, "").Order(StringComparer.Ordinal), ours.Concat(sizes).Order(StringComparer.Ordinal));
        AssertTower(manifest, "", ClipTextConfig.ResNet);
    }

    [Fact]
    public void Clip_AsOpenClipPublishesConvNeXtLarge_HasTheFilesTensors()
    {
        ConvNeXt visual = new(ConvNeXtConfig.Large);
        GraphBuilder g = new("clip");
        ConvNeXt.Embed(g, g.GlobalAveragePool(visual.Build(g, Square(g, 64)).C5), visual.Embedding);
        Tower(g, ClipTextConfig.ConvNeXtLarge, visual.Embedding);
        AssertSame(Manifest("open_clip_convnext_large_d_320", ""), g.Parameters);
        AssertTower("open_clip_convnext_large_d_320", "", ClipTextConfig.ConvNeXtLarge);
        AssertTower("clouds_convnext_l", "backbone.clip_model.", ClipTextConfig.ConvNeXtLarge);
    }

    [Theory]
    [InlineData("clouds_convnext_l", "convnext_l", 768)]
    [InlineData("clouds_rn50", "clip_rn50", 1024)]
    [InlineData("clouds_rn101", "clip_rn101", 512)]
    public void MaskFormer_WithTextClassifierAndEnsemble_HasTheWholeCheckpointsTensors(string manifest, string encoder, int embedding)
    {
        GraphBuilder g = new("whole");
        MaskFormerConfig config = new() { Encoder = EncoderConfig.Published[encoder], Classifier = ClassifierKind.Text, GeometricEnsemble = true };
        TextBank bank = new([.. Enumerable.Repeat(1, Classes)], graph => graph.Input("bank", ElementType.Float, [Classes, embedding]));
        MaskFormer network = new(config, Classes, text: bank);
        network.Answer(g, Square(g, 224));
        using (g.Scope(network.Encoder.Scope))
        {
            ClipTextConfig text = encoder == "convnext_l" ? ClipTextConfig.ConvNeXtLarge : ClipTextConfig.ResNet;
            new ClipText(text, embedding).Build(g, g.Input("tokens", ElementType.Int64, [1, 77]));
        }

        string weightsOfTheLoss = $"criterion.empty_weight {Classes + 1} F32";
        IEnumerable<string> ours = g.Parameters.Select(p => $"{p.Name} {Extents(p)} {Type(p)}").Append(weightsOfTheLoss);
        Assert.Equal(Manifest(manifest, "").Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("torchvision_resnet50", nameof(ResNetConfig.Rn50))]
    [InlineData("torchvision_resnet101", nameof(ResNetConfig.Rn101))]
    public void ResNet_OfPublishedSize_HasTheFilesTensors(string manifest, string size)
    {
        ResNet encoder = new(size == nameof(ResNetConfig.Rn50) ? ResNetConfig.Rn50 : ResNetConfig.Rn101);
        GraphBuilder g = new("encoder");
        ResNet.Classify(g, encoder.Build(g, Square(g, 64)).C5, 1000);
        AssertSame(Manifest(manifest, ""), g.Parameters);
    }

    [Fact]
    public void MixTransformer_B5_HasTheFilesTensors()
    {
        GraphBuilder g = new("encoder");
        MixTransformer.Classify(g, new MixTransformer(MixTransformerConfig.B5).Build(g, Square(g, 64)).C5, 1000);
        AssertSame(Manifest("mit_b5", ""), g.Parameters);
    }

    [Theory]
    [InlineData("sam_vit_b", "vit_b")]
    [InlineData("sam_vit_l", "vit_l")]
    [InlineData("sam_vit_h", "vit_h")]
    public void SegmentAnything_OfPublishedSize_HasTheCheckpointsTensors(string manifest, string variant) =>
        AssertSame(Manifest(manifest, ""), SegmentAnythingNetwork.ParametersOf(SamConfig.Published[variant]));

    [Fact]
    public void SegmentAnything_Mobile_HasTheCheckpointsTensorsWithTheClassifierThatNobodyReads()
    {
        GraphBuilder g = new("classifier");
        using (g.Scope(SegmentAnythingNetwork.EncoderScope))
        {
            TinyVit.Classify(g, g.Input("map", ElementType.Float, [1, 320, 64, 64]), 1000);
        }

        AssertSame(Manifest("mobile_sam", ""), [.. SegmentAnythingNetwork.ParametersOf(SamConfig.Published["vit_t"]), .. g.Parameters]);
    }

    [Theory]
    [InlineData("sam_vit_b", "vit_b")]
    [InlineData("sam_vit_l", "vit_l")]
    [InlineData("sam_vit_h", "vit_h")]
    [InlineData("mobile_sam", "vit_t")]
    public void SamConfig_FromTheNamesAndSizesOfAPublishedFile_IsThatNetwork(string manifest, string variant)
    {
        Dictionary<string, IReadOnlyList<long>> shapes = Manifest(manifest, "").Select(line => line.Split(' ')).Where(line => line[1] != "scalar")
            .ToDictionary(line => line[0], IReadOnlyList<long> (line) => [.. line[1].Split('x').Select(long.Parse)]);
        Assert.Equal(JsonSerializer.Serialize(SamConfig.Published[variant]), JsonSerializer.Serialize(SamConfig.Find(shapes)));
    }

    // Files of that time also number the positions; nobody reads that.
    [Theory]
    [InlineData("sd15_text_encoder", 1)]
    [InlineData("sd2_text_encoder", 2)]
    public void TextEncoder_OfPublishedSize_HasTheFilesTensors(string manifest, int version)
    {
        GraphBuilder g = new("text");
        TextEncoder network = new(version == 1 ? TextEncoderConfig.V1 : TextEncoderConfig.V2);
        network.Build(g, g.Input("tokens", ElementType.Int64, [1, 77]));
        IEnumerable<string> read = Manifest(manifest, "").Except(["text_model.embeddings.position_ids 1x77 I64"]);
        AssertSame(read, g.Parameters);
    }

    [Theory]
    [InlineData("sd15_unet", 1)]
    [InlineData("sd2_unet", 2)]
    public void UNet_OfPublishedSize_HasTheFilesTensors(string manifest, int version)
    {
        UNetConfig config = version == 1 ? UNetConfig.V1 : UNetConfig.V2;
        GraphBuilder g = new("unet");
        Value latents = g.Input("latents", ElementType.Float, [2, 4, 64, 64]), text = g.Input("text", ElementType.Float, [2, 77, config.TextWidth]);
        Assert.Equal([2, 4, 64, 64], new UNet(config).Build(g, latents, g.Input("time", ElementType.Float, [2]), text).Shape.Sizes);
        AssertSame(Manifest(manifest, ""), g.Parameters);
    }

    // Both versions have the same autoencoder; early files have other names for its attention.
    [Theory]
    [InlineData("sd15_vae")]
    [InlineData("sd2_vae")]
    [InlineData("sd15_vae_original_names")]
    public void Autoencoder_OfPublishedSize_HasTheFilesTensors(string manifest)
    {
        GraphBuilder g = new("vae");
        Autoencoder network = new(new AutoencoderConfig());
        LatentDistribution latents = network.Encode(g, Square(g, 64));
        Assert.Equal([1, 3, 64, 64], network.Decode(g, latents.Mean).Shape.Sizes);
        NameMap names = NameMap.Of("diffusers");
        AssertSame(PublishedKeys.Of(manifest).Select(tensor => PublishedKeys.Line(tensor with { Name = names.Translate(tensor.Name) })), g.Parameters);
    }

    [Fact]
    public void Llama_OfSevenThousandMillion_HasTheFilesTensors()
    {
        GraphBuilder whole = new("whole"), cached = new("cached");
        LlamaNetwork network = new(LlamaConfig.Llama2With7B);
        network.Build(whole, whole.Input("tokens", ElementType.Int64, [1, 8]));
        Value tokens = cached.Input("tokens", ElementType.Int64, [1, "T"]);
        network.Continue(cached, tokens, new LlamaCache(cached, LlamaConfig.Llama2With7B, tokens, 64));
        AssertSame(Manifest("llama2_7b", "").Select(line => line.Replace("F16", "F32", StringComparison.Ordinal)), whole.Parameters);
        Assert.Equal(whole.Parameters.Select(p => (p.Name, Extents(p))), cached.Parameters.Select(p => (p.Name, Extents(p))));
    }

    [Fact]
    public void PixelDecoder_OnConvNeXtLarge_HasTheCheckpointsTensors() =>
        AssertSame(Manifest("clouds_convnext_l", "sem_seg_head.pixel_decoder"),
            Head(ConvNeXtWidths).Where(p => p.Name.Contains("pixel_decoder", StringComparison.Ordinal)));

    [Fact]
    public void Head_OnResNet50_HasTheCheckpointsTensors() => AssertSame(Manifest("mask2former_r50_sem_head", "sem_seg_head."), Head(ResNetWidths));

    // method.md section 1.8.
    [Theory]
    [InlineData(nameof(ConvNeXtWidths), 20_253_908)]
    [InlineData(nameof(ResNetWidths), 20_499_668)]
    [InlineData(nameof(MixTransformerWidths), 19_778_772)]
    public void Head_With19Classes_HasAsManyParametersAsTheReference(string encoder, long count)
    {
        int[] widths = encoder switch { nameof(ResNetWidths) => ResNetWidths, nameof(MixTransformerWidths) => MixTransformerWidths, _ => ConvNeXtWidths };
        Assert.Equal(count, Head(widths).Sum(p => p.Shape.ElementCount));
    }

    [Fact]
    public void Head_OnConvNeXtLarge_IsSplitAsTheReferenceIs()
    {
        ILookup<bool, Parameter> parts = Head(ConvNeXtWidths).ToLookup(p => p.Name.Contains("pixel_decoder", StringComparison.Ordinal));
        Assert.Equal(5_790_144, parts[true].Sum(p => p.Shape.ElementCount));
        Assert.Equal(14_463_764, parts[false].Sum(p => p.Shape.ElementCount));
    }

    private static IReadOnlyCollection<Parameter> Head(int[] widths)
    {
        GraphBuilder g = new("head");
        MaskFormer network = new(new MaskFormerConfig { Encoder = new ConvNeXtConfig { Widths = widths } }, 19);
        network.Decode(g, network.FeatureInputs(g, 1, [(16, 16), (8, 8), (4, 4), (2, 2)]));
        return g.Parameters;
    }

    private static IEnumerable<string> Manifest(string name, string scope) => PublishedKeys.Of(name, scope).Select(PublishedKeys.Line);

    private static void Tower(GraphBuilder g, ClipTextConfig config, int embedding)
    {
        new ClipText(config, embedding).Build(g, g.Input("tokens", ElementType.Int64, [1, config.Context]));
        g.Parameter("logit_scale", [], Initialize.Zeros);
    }

    private static void AssertTower(string manifest, string scope, ClipTextConfig published)
    {
        Dictionary<string, IReadOnlyList<long>> shapes =
            PublishedKeys.Of(manifest, scope).ToDictionary(tensor => tensor.Name[scope.Length..], tensor => tensor.Shape);
        Assert.Equal(published, ClipTextConfig.Find(shapes, published.QuickGelu));
    }

    private static Value Square(GraphBuilder g, long side) => g.Input("image", ElementType.Float, [1, 3, side, side]);

    private static void AssertSame(IEnumerable<string> manifest, IEnumerable<Parameter> parameters) =>
        Assert.Equal(
            manifest.Order(StringComparer.Ordinal), parameters.Select(p => $"{p.Name} {Extents(p)} {Type(p)}").Order(StringComparer.Ordinal));

    private static string Extents(Parameter parameter) => parameter.Shape.Rank == 0 ? "scalar" : string.Join('x', parameter.Shape.Sizes);

    private static string Type(Parameter parameter) => parameter.Type == ElementType.Float ? "F32" : "I64";
}
