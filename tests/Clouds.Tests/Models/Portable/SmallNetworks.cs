using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Portable;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Models.Portable;

/// <summary>Networks of all kinds that run in milliseconds, with weights that leave nothing at zero.</summary>
internal static class SmallNetworks
{
    private static readonly Dictionary<string, EncoderConfig> Encoders = new()
    {
        ["convnext"] = new ConvNeXtConfig { Depths = [1, 1, 1, 1], Widths = [8, 16, 16, 32], Embedding = 12, LayerScale = 1 },
        ["clip_resnet"] = new ClipResNetConfig { Blocks = [1, 1, 1, 1], Width = 4, Heads = 4, Resolution = 64, Embedding = 12 },
        ["resnet"] = new ResNetConfig { Blocks = [1, 2, 1, 1], Width = 4 },
        ["mit"] = new MixTransformerConfig { Depths = [1, 1, 1, 1], Widths = [8, 16, 20, 32], Heads = [1, 2, 5, 8] },
    };

    private static readonly string[] Classes = ["road", "sky", "car"];

    /// <summary>Descriptions of segmenters, one on each encoder, with a text classifier and with the geometric ensemble.</summary>
    public static IReadOnlyDictionary<string, ModelDescription> Segmenters { get; } = new Dictionary<string, ModelDescription>
    {
        ["convnext"] = Describe(Encoders["convnext"]),
        ["clip_resnet"] = Describe(Encoders["clip_resnet"]),
        ["resnet"] = Describe(Encoders["resnet"]),
        ["mit"] = Describe(Encoders["mit"]),
        ["convnext text"] = Describe(Encoders["convnext"], text: true),
        ["clip_resnet ensemble"] = Describe(Encoders["clip_resnet"], text: true, ensemble: true),
    };

    /// <summary>Every network: encoders alone, segmenters on each, with a text classifier and with the geometric ensemble where there is a CLIP.</summary>
    public static IReadOnlyDictionary<string, IPortableNetwork> All { get; } = Make();

    /// <summary>A segmenter's description.</summary>
    public static ModelDescription Describe(EncoderConfig encoder, bool text = false, bool ensemble = false) => new()
    {
        Network = new MaskFormerConfig
        {
            Encoder = encoder,
            PixelDecoder = new() { Width = 32, MaskWidth = 16, Layers = 2, Heads = 2, FeedForward = 32 },
            TransformerDecoder = new() { Width = 32, MaskWidth = 16, Queries = 7, Layers = 3, Heads = 4, FeedForward = 32 },
            Classifier = text ? ClassifierKind.Text : ClassifierKind.Linear,
            GeometricEnsemble = ensemble,
        },
        ClassNames = Classes,
        ClassColours = [new(1, 2, 3), new(4, 5, 6), new(7, 8, 9)],
        Normalisation = encoder.Create().Colours,
        ShortSide = 64,
        ClassSynonyms = text ? [.. Classes.Select(name => new[] { name, name + "s" })] : [],
    };

    /// <summary>Weights for parameters, in a file.</summary>
    public static void WriteWeights(string path, IEnumerable<Parameter> parameters, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Parameter[] read = [.. parameters.Where(parameter => parameter.IsRead)];
        using SafetensorsWriter writer = new(path, [.. read.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))], metadata);
        foreach (Parameter parameter in read)
        {
            writer.Write(parameter.Name, Draw(parameter));
        }

        writer.Commit();
    }

    /// <summary>A segmenter's model file.</summary>
    public static string WriteModel(string path, ModelDescription description)
    {
        GraphBuilder g = new("model");
        new PortableSegmenter(description).Build(g, new Dictionary<string, Dim> { ["N"] = 1, ["H"] = 64, ["W"] = 64 });
        WriteWeights(path, g.Parameters, new Dictionary<string, string> { [ModelDescription.MetadataKey] = description.ToJson() });
        return path;
    }

    /// <summary>A weight file with a text tower.</summary>
    public static string WriteTextTower(string path)
    {
        GraphBuilder g = new("tower");
        TextTower().Build(g, new Dictionary<string, Dim> { ["N"] = 1 });
        WriteWeights(path, g.Parameters);
        return path;
    }

    private static float[] Draw(Parameter parameter)
    {
        RandomStream random = new(5, parameter.Name);
        bool logarithm = parameter.Shape.Rank == 0;
        bool around = parameter.Kind is ParameterKind.Norm or ParameterKind.Statistic && !parameter.Name.EndsWith("bias", StringComparison.Ordinal)
            && !parameter.Name.EndsWith("mean", StringComparison.Ordinal);
        float[] start = parameter.Initialize(3);
        for (int i = 0; i < start.Length; i++)
        {
            start[i] = logarithm ? 1 : around ? (float)random.NextDouble(0.7, 1.3) : start[i] + (float)random.NextDouble(-0.05, 0.05);
        }

        return start;
    }

    private static Dictionary<string, IPortableNetwork> Make()
    {
        Dictionary<string, IPortableNetwork> all = new()
        {
            ["text tower"] = TextTower(),
            ["sam encoder"] = new PortableSamEncoder(TinySam.Config),
        };
        foreach ((string name, EncoderConfig encoder) in Encoders)
        {
            all.Add(name, new PortableEncoder(encoder));
            all.Add($"{name} segmenter", new PortableSegmenter(Describe(encoder), withScores: true));
            if (encoder.Create() is IClipEncoder)
            {
                all.Add($"{name} text segmenter", new PortableSegmenter(Describe(encoder, text: true)));
                all.Add($"{name} ensemble segmenter", new PortableSegmenter(Describe(encoder, text: true, ensemble: true)));
            }
        }

        return all;
    }

    private static PortableTextTower TextTower() =>
        new(new ClipTextConfig { Width = 64, Heads = 2, Layers = 2, Context = 9, Vocabulary = 40, QuickGelu = true }, embedding: 12);
}
