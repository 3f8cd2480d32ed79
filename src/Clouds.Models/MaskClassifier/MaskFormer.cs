using System.Text.Json.Serialization;
using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Models.Encoders;
using Clouds.Models.Layers;

namespace Clouds.Models.MaskClassifier;

/// <summary>How queries become classes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassifierKind>))]
public enum ClassifierKind
{
    /// <summary>A linear layer, as in all of CLOUDS' released settings.</summary>
    Linear,

    /// <summary>FC-CLIP's comparison with the classes' names.</summary>
    Text,
}

/// <summary>Sizes of the whole segmentation network: encoder and head.</summary>
public sealed record MaskFormerConfig
{
    /// <summary>Image encoder. Paper: OpenCLIP ConvNeXt-L.</summary>
    public EncoderConfig Encoder { get; init; } = ConvNeXtConfig.Large;

    /// <summary>Pixel decoder. Paper: Mask2Former's.</summary>
    public PixelDecoderConfig PixelDecoder { get; init; } = new();

    /// <summary>Transformer decoder. Paper: Mask2Former's.</summary>
    public TransformerDecoderConfig TransformerDecoder { get; init; } = new();

    /// <summary>How queries become classes. Reference code: a linear layer; text: FC-CLIP's comparison with the classes' names.</summary>
    [Setting(Source = "reference code: linear")]
    public ClassifierKind Classifier { get; init; } = ClassifierKind.Linear;

    /// <summary>Whether the frozen CLIP has a say in the classes at test time; wants the text classifier. Reference code: no; FC-CLIP: yes.</summary>
    [Setting(Source = "reference code: no; FC-CLIP: yes")]
    public bool GeometricEnsemble { get; init; }

    /// <summary>How much it has to say.</summary>
    public EnsembleConfig Ensemble { get; init; } = new();

    /// <summary>The paper's network on ConvNeXt-L.</summary>
    public static MaskFormerConfig Paper { get; } = new();

    /// <summary>2.3 million parameters: learns from scratch on a CPU (method.md section 3.6).</summary>
    public static MaskFormerConfig Small { get; } = new()
    {
        Encoder = ConvNeXtConfig.Small,
        PixelDecoder = new() { Width = 64, MaskWidth = 64, Layers = 2, Heads = 4, FeedForward = 256 },
        TransformerDecoder = new() { Width = 64, MaskWidth = 64, Queries = 24, Layers = 3, Heads = 4, FeedForward = 256 },
    };
}

/// <summary>
/// Encoder, pixel decoder and transformer decoder wired as in figure 2 of the paper, under the names of a CLOUDS checkpoint: "backbone.clip_model",
/// "sem_seg_head.pixel_decoder", "sem_seg_head.predictor" (method.md section 1.9).
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="classes">K, "no object" not counted.</param>
/// <param name="trainEncoder">Whether gradients of the encoder are wanted.</param>
/// <param name="text">What the text classifier compares with; needed for predictions where config.Classifier is Text, and not looked at elsewhere.</param>
public sealed class MaskFormer(MaskFormerConfig config, int classes, bool trainEncoder = false, TextBank? text = null)
{
    /// <summary>First part of every decoder parameter's name.</summary>
    public const string HeadScope = "sem_seg_head";

    /// <summary>First part of the names of parameters whose shapes follow the number of classes.</summary>
    public const string ClassHead = $"{HeadScope}.predictor.class_embed.";

    /// <summary>The encoder.</summary>
    public IEncoder Encoder { get; } = config.Encoder.Create(trainEncoder);

    /// <summary>Number of predictions that <see cref="Decode"/> returns.</summary>
    public int Predictions => config.TransformerDecoder.Layers + 1;

    /// <summary>image [N, 3, H, W], normalised, H and W multiples of 32, to features of the encoder's strides.</summary>
    public Pyramid Encode(GraphBuilder g, Value image)
    {
        using IDisposable scope = g.Scope(Encoder.Scope);
        return Encoder.Build(g, image);
    }

    /// <summary>Features to predictions, the last one being the answer.</summary>
    public IReadOnlyList<Prediction> Decode(GraphBuilder g, Pyramid features) => Predict(g, features, Names(g));

    /// <summary>The answer at test time, with the geometric ensemble where the settings ask for it: image as for <see cref="Encode"/>.</summary>
    public Prediction Answer(GraphBuilder g, Value image)
    {
        TextRows? names = Names(g);
        if (config.GeometricEnsemble && names is null)
        {
            throw new InvalidOperationException("the geometric ensemble wants the text classifier");
        }

        Pyramid features = Encode(g, image);
        Prediction last = Predict(g, features, names)[^1];
        return config.GeometricEnsemble ? last with { ClassLogits = Ensemble(g, features.C5, last, names!) } : last;
    }

    private IReadOnlyList<Prediction> Predict(GraphBuilder g, Pyramid features, TextRows? names)
    {
        using IDisposable scope = g.Scope(HeadScope);
        PixelDecoderOutput decoded = InScope(g, "pixel_decoder", () => new PixelDecoder(config.PixelDecoder).Build(g, features));
        return InScope(g, "predictor", () => new TransformerDecoder(config.TransformerDecoder, classes, names).Build(g, decoded));
    }

    // The classes' names and, as their last row, the learned vector of "no object".
    private TextRows? Names(GraphBuilder g)
    {
        if (config.Classifier == ClassifierKind.Linear)
        {
            return null;
        }

        if (text is null || text.Counts.Count != classes)
        {
            throw new InvalidOperationException($"the text classifier has names for {text?.Counts.Count ?? 0} of {classes} classes");
        }

        Value rows = text.Rows(g);
        Value nothing = g.Parameter("void_embedding.weight", [1, rows.Shape[1]], Initialize.Normal(1), ParameterKind.Embedding);
        return TextRows.Of(g, g.Concat(0, rows, UnitLength.Of(g, nothing)), text.Counts);
    }

    private Value Ensemble(GraphBuilder g, Value c5, Prediction last, TextRows names)
    {
        using IDisposable scope = g.Scope(Encoder.Scope);
        Value scale = g.Parameter("logit_scale", [], Initialize.Constant((float)Math.Log(1 / 0.07)));
        return new GeometricEnsemble(config.Ensemble, (IClipEncoder)Encoder, names, text!.Seen).Build(g, last.ClassLogits, last.MaskLogits, c5, scale);
    }

    /// <summary>Declares the encoder's features as graph inputs under their own names, for a decoder that is run apart from its encoder.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="images">Images in the batch.</param>
    /// <param name="sizes">Height and width of the four maps, fine to coarse.</param>
    public Pyramid FeatureInputs(GraphBuilder g, long images, IReadOnlyList<(long Height, long Width)> sizes)
    {
        Value Level(int level) =>
            g.Input(Encoder.Levels[level].Name, ElementType.Float, [images, Encoder.Levels[level].Channels, sizes[level].Height, sizes[level].Width]);
        return new Pyramid(Level(0), Level(1), Level(2), Level(3));
    }

    private static T InScope<T>(GraphBuilder g, string name, Func<T> build)
    {
        using IDisposable scope = g.Scope(name);
        return build();
    }
}
