using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;

namespace Clouds.Tests.Models;

/// <summary>Names, shapes and counts of the paper-size networks against the lists of the published checkpoints.</summary>
[Kind(TestKind.Fast)]
public sealed class CheckpointNamesTests
{
    private static readonly int[] ConvNeXtLarge = [192, 384, 768, 1536];
    private static readonly int[] ResNet = [256, 512, 1024, 2048];
    private static readonly int[] MixTransformer = [64, 128, 320, 512];

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

        AssertSame(Manifest("clouds_convnext_l", "backbone."), g.Parameters);
    }

    [Fact]
    public void PixelDecoder_OnConvNeXtLarge_HasTheCheckpointsTensors() =>
        AssertSame(Manifest("clouds_convnext_l", "sem_seg_head.pixel_decoder"),
            Head(ConvNeXtLarge).Where(p => p.Name.Contains("pixel_decoder", StringComparison.Ordinal)));

    [Fact]
    public void Head_OnResNet50_HasTheCheckpointsTensors() => AssertSame(Manifest("mask2former_r50_sem_head", "sem_seg_head."), Head(ResNet));

    // method.md section 1.8.
    [Theory]
    [InlineData(nameof(ConvNeXtLarge), 20_253_908)]
    [InlineData(nameof(ResNet), 20_499_668)]
    [InlineData(nameof(MixTransformer), 19_778_772)]
    public void Head_With19Classes_HasAsManyParametersAsTheReference(string encoder, long count)
    {
        int[] widths = encoder switch { nameof(ResNet) => ResNet, nameof(MixTransformer) => MixTransformer, _ => ConvNeXtLarge };
        Assert.Equal(count, Head(widths).Sum(p => p.Shape.ElementCount));
    }

    [Fact]
    public void Head_OnConvNeXtLarge_IsSplitAsTheReferenceIs()
    {
        ILookup<bool, Parameter> parts = Head(ConvNeXtLarge).ToLookup(p => p.Name.Contains("pixel_decoder", StringComparison.Ordinal));
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

    private static IEnumerable<string> Manifest(string name, string scope) =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "golden", "manifests", $"{name}.tsv"))
            .Where(line => line.StartsWith(scope, StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split('\t').Take(2)));

    private static void AssertSame(IEnumerable<string> manifest, IEnumerable<Parameter> parameters) =>
        Assert.Equal(
            manifest.Order(StringComparer.Ordinal), parameters.Select(p => $"{p.Name} {string.Join('x', p.Shape.Sizes)}").Order(StringComparer.Ordinal));
}
