using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;

namespace Clouds.Tests.Models;

/// <summary>Sizes of networks, told from the lists of the published checkpoints.</summary>
[Kind(TestKind.Fast)]
public sealed class PublishedNetworksTests
{
    [Theory]
    [InlineData("clouds_convnext_l", "", "convnext_l")]
    [InlineData("open_clip_convnext_large_d_320", "open_clip", "convnext_l")]
    [InlineData("clouds_rn50", "", "clip_rn50")]
    [InlineData("clouds_rn101", "", "clip_rn101")]
    [InlineData("clip_rn50", "openai", "clip_rn50")]
    [InlineData("clip_rn101", "openai", "clip_rn101")]
    [InlineData("torchvision_resnet50", "torchvision", "in_rn50")]
    [InlineData("torchvision_resnet101", "torchvision", "in_rn101")]
    [InlineData("mit_b5", "segformer", "mit_b5")]
    public void Find_PublishedFile_IsThePapersEncoder(string manifest, string dialect, string encoder) =>
        Assert.Equal(Text(EncoderConfig.Published[encoder]), Text(EncoderConfig.Find(Shapes(manifest, dialect))));

    [Theory]
    [InlineData("clouds_convnext_l", "convnext_l")]
    [InlineData("clouds_rn50", "clip_rn50")]
    [InlineData("clouds_rn101", "clip_rn101")]
    public void Find_ReleasedSegmenter_IsThePapersNetworkWithTheTextClassifier(string manifest, string encoder)
    {
        ReleasedNetwork found = Assert.IsType<ReleasedNetwork>(ReleasedNetwork.Find(Shapes(manifest)));
        MaskFormerConfig expected = MaskFormerConfig.Paper with { Encoder = EncoderConfig.Published[encoder], Classifier = ClassifierKind.Text };
        Assert.Equal(Text(expected), Text(found.Network));
        Assert.Equal(19, found.Classes);
    }

    [Fact]
    public void Find_HeadOfMask2FormerOnAResNet_IsThePapersNetworkWithTheLinearClassifier()
    {
        IEnumerable<TensorDeclaration> backbone = PublishedKeys.Of("torchvision_resnet50").Select(tensor => tensor with { Name = $"backbone.{tensor.Name}" });
        ReleasedNetwork found = Assert.IsType<ReleasedNetwork>(ReleasedNetwork.Find(Shapes([.. PublishedKeys.Of("mask2former_r50_sem_head"), .. backbone])));
        Assert.Equal(Text(MaskFormerConfig.Paper with { Encoder = ResNetConfig.Rn50 }), Text(found.Network));
        Assert.Equal(19, found.Classes);
    }

    [Fact]
    public void Find_AsManyQueriesAsFcClip_HasTheEnsemble()
    {
        TensorDeclaration[] tensors = [.. PublishedKeys.Of("clouds_convnext_l").Select(tensor =>
            tensor.Name.StartsWith("sem_seg_head.predictor.query_", StringComparison.Ordinal) ? tensor with { Shape = [250, 256] } : tensor)];
        MaskFormerConfig found = ReleasedNetwork.Find(Shapes(tensors))!.Network;
        Assert.True(found.GeometricEnsemble);
        Assert.Equal(250, found.TransformerDecoder.Queries);
    }

    [Fact]
    public void Find_NoHeadOrNoEncoder_IsNothing()
    {
        Assert.Null(ReleasedNetwork.Find(Shapes("clip_rn50", "openai")));
        Assert.Null(ReleasedNetwork.Find(Shapes("mask2former_r50_sem_head")));
        Assert.Null(EncoderConfig.Find(Shapes("mask2former_r50_sem_head")));
    }

    private static TensorShapes Shapes(string manifest, string dialect = "") => Shapes(dialect.Length == 0
        ? PublishedKeys.Of(manifest)
        : [.. PublishedKeys.Of(manifest).Select(tensor => tensor with { Name = NameMap.Of(dialect).Translate(tensor.Name) })]);

    private static TensorShapes Shapes(IEnumerable<TensorDeclaration> tensors) => new(tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Shape));

    // Records with lists compare by reference.
    private static string Text<T>(T record) => System.Text.Json.JsonSerializer.Serialize(record);
}
