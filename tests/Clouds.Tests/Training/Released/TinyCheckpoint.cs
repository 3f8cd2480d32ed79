using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Tests.Graph.Weights.Torch;

namespace Clouds.Tests.Training.Released;

/// <summary>Checkpoints as CLOUDS, FC-CLIP and Mask2Former publish them, but a few kilobytes large.</summary>
internal static class TinyCheckpoint
{
    /// <summary>Width of the embedding that images and texts share.</summary>
    public const int Embedding = 6;

    private static readonly ClipTextConfig Tower = new() { Width = 8, Heads = 1, Layers = 2, Context = 77, Vocabulary = 519 };

    /// <summary>A CLIP's ResNet in small.</summary>
    public static EncoderConfig ClipResNet { get; } =
        new ClipResNetConfig { Blocks = [1, 2, 1, 1], Width = 4, Heads = 2, Resolution = 64, Embedding = Embedding };

    /// <summary>A CLIP's ConvNeXt in small.</summary>
    public static EncoderConfig ConvNeXt { get; } = new ConvNeXtConfig { Depths = [1, 1, 2, 1], Widths = [4, 6, 8, 10], Embedding = Embedding };

    /// <summary>torchvision's ResNet in small.</summary>
    public static EncoderConfig ResNet { get; } = new ResNetConfig { Blocks = [1, 2, 1, 1], Width = 4 };

    /// <summary>The network around an encoder.</summary>
    public static MaskFormerConfig Network(EncoderConfig encoder, bool text, int queries = 20) => new()
    {
        Encoder = encoder,
        PixelDecoder = new() { Width = 32, MaskWidth = 16, Layers = 1, Heads = 2, FeedForward = 24 },
        TransformerDecoder = new() { Width = 32, MaskWidth = 16, Queries = queries, Layers = 1, Heads = 2, FeedForward = 40 },
        Classifier = text ? ClassifierKind.Text : ClassifierKind.Linear,
        GeometricEnsemble = text && queries == 250,
    };

    /// <summary>Everything that a released file of CLOUDS holds: network, text tower, what only the loss reads, and the teacher's head.</summary>
    public static IReadOnlyList<TensorDeclaration> Clouds(MaskFormerConfig network, int classes = 19)
    {
        GraphBuilder clip = new("clip");
        MaskFormerConfig ensemble = network with { Classifier = ClassifierKind.Text, GeometricEnsemble = true };
        MaskFormer whole = new(ensemble, 1, text: TextBank.InFile([1], network.Encoder.Create()));
        whole.Answer(clip, clip.Input("image", ElementType.Float, [1, 3, 64, 64]));
        using (clip.Scope(whole.Encoder.Scope))
        {
            new ClipText(Tower, Embedding).Build(clip, clip.Input("tokens", ElementType.Int64, [1, Tower.Context]));
        }

        TensorDeclaration[] head = [.. Head(network, classes)];
        TensorDeclaration[] teacher = [.. head.Select(tensor => tensor with { Name = $"sem_seg_head_ema{tensor.Name["sem_seg_head".Length..]}" })];
        string[] beside = [$"{whole.Encoder.Scope}.", "void_embedding."];
        IEnumerable<TensorDeclaration> rest = clip.Parameters.Where(p => beside.Any(p.Name.StartsWith)).Select(Declared);
        return [.. rest, .. head, new("criterion.empty_weight", WeightType.F32, [classes + 1]), .. teacher];
    }

    /// <summary>A file of Mask2Former, whose ResNet has the names of detectron2.</summary>
    public static IReadOnlyList<TensorDeclaration> Mask2Former(MaskFormerConfig network, int classes = 19)
    {
        GraphBuilder g = new("checkpoint");
        MaskFormer former = new(network, classes);
        former.Decode(g, former.Encode(g, g.Input("image", ElementType.Float, [1, 3, 64, 64])));
        return [.. g.Parameters.Where(p => p.IsRead).Select(Declared).Select(tensor => tensor with { Name = Detectron2Names.Of(tensor.Name) })];
    }

    private static IEnumerable<TensorDeclaration> Head(MaskFormerConfig network, int classes)
    {
        GraphBuilder g = new("head");
        MaskFormer former = new(network, classes, text: network.Classifier == ClassifierKind.Text
            ? TextBank.InFile([.. Enumerable.Repeat(1, classes)], network.Encoder.Create()) : null);
        former.Decode(g, former.FeatureInputs(g, 1, [(16, 16), (8, 8), (4, 4), (2, 2)]));
        return g.Parameters.Where(p => p.Name.StartsWith(MaskFormer.HeadScope, StringComparison.Ordinal)).Select(Declared);
    }

    private static TensorDeclaration Declared(Parameter p) => new(p.Name, p.IsRead ? WeightType.F32 : WeightType.I64, p.Shape.Sizes);
}
