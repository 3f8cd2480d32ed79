using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Portable;
using Clouds.Models.Sam;
using Clouds.Native.Segmentation;

namespace Clouds.Native.Portable;

/// <summary>A network that is to be exported, its weights, and what its file says of itself.</summary>
internal sealed class ExportSource : IDisposable
{
    public const string Segmenter = "segmenter";
    private const string Encoder = "encoder";
    private const string ClipText = "clip_text";
    private const string OpenAiText = "clip_text_openai";
    private const string Sam = "sam_";

    private ExportSource(IPortableNetwork network, FrozenWeights weights, IReadOnlyDictionary<string, string> metadata)
        => (Network, Weights, Metadata) = (network, weights, metadata);

    /// <summary>Every name of a network.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Segmenter, Encoder, .. EncoderConfig.Published.Keys, ClipText, OpenAiText, .. SamConfig.Published.Keys.Select(key => Sam + key)];

    public IPortableNetwork Network { get; }

    public FrozenWeights Weights { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens what the options name.</summary>
    /// <param name="path">A model of ours, or a weight file of a published network.</param>
    /// <param name="options">Which network.</param>
    /// <exception cref="CloudsException">Usage: there is no such network; Weights: the file does not hold it; Numeric: a weight is not finite.</exception>
    public static ExportSource Open(string path, ExportOptions options)
    {
        if (EncoderConfig.Published.TryGetValue(options.Network, out EncoderConfig? published))
        {
            return Of(path, new PortableEncoder(published), published.Create().Colours);
        }

        return options.Network switch
        {
            Segmenter => OfModel(path, options.WithScores),
            Encoder => OfModelsEncoder(path),
            ClipText => OfText(path, quickGelu: false),
            OpenAiText => OfText(path, quickGelu: true),
            string sam when sam.StartsWith(Sam, StringComparison.Ordinal) && SamConfig.Published.TryGetValue(sam[Sam.Length..], out SamConfig? config) =>
                Of(path, new PortableSamEncoder(config), ColourStatistics.ImageNet),
            _ => throw new CloudsException(Failure.Usage, "there is no such network", $"{nameof(ExportOptions)}.{nameof(ExportOptions.Network)}",
                $"'{options.Network}'", string.Join(", ", Names),
                NearestName.Find(options.Network, Names) is string near ? $"did you mean '{near}'?" : "choose one of these"),
        };
    }

    public void Dispose() => Weights.Dispose();

    private static ExportSource OfModel(string path, bool withScores)
    {
        WeightSource file = WeightSource.Open(path);
        (ModelDescription description, FrozenWeights weights) = ModelWeights.Open(file);
        return new ExportSource(new PortableSegmenter(description, withScores), weights, new Dictionary<string, string>
        {
            [FormatVersion.MetadataKey] = "1",
            [ModelDescription.MetadataKey] = description.ToJson(),
            [SegmentationContract.MetadataKey] = SegmentationContract.Of(description).ToJson(),
        });
    }

    private static ExportSource OfModelsEncoder(string path)
    {
        using WeightSource file = WeightSource.Open(path);
        ModelDescription description = ModelDescription.Read(file);
        return Of(path, new PortableEncoder(description.Network.Encoder), description.Normalisation);
    }

    private static ExportSource Of(string path, IPortableNetwork network, ColourStatistics colours)
    {
        return new ExportSource(network, FrozenWeights.Open(path, ParametersOf(network)), new Dictionary<string, string>
        {
            ["clouds.colourOrder"] = "RGB",
            ["clouds.mean"] = Written(colours.Mean),
            ["clouds.deviation"] = Written(colours.Deviation),
        });
    }

    private static ExportSource OfText(string path, bool quickGelu)
    {
        (ClipTextConfig config, int embedding) = Tower(path, quickGelu);
        PortableTextTower network = new(config, embedding);
        return new ExportSource(network, FrozenWeights.Open(path, ParametersOf(network)), new Dictionary<string, string>());
    }

    private static (ClipTextConfig Config, int Embedding) Tower(string path, bool quickGelu)
    {
        using WeightSource source = WeightSource.Open(path);
        return ClipTextConfig.Find(source, quickGelu) is (ClipTextConfig config, long embedding)
            ? (config, (int)embedding)
            : throw new CloudsException(Failure.Weights, "the weight file has no text tower", path, $"{source.Tensors.Count} tensors",
                "CLIP as a whole, image encoder and text tower", "name such a file, or another network");
    }

    private static IReadOnlyCollection<Parameter> ParametersOf(IPortableNetwork network)
    {
        GraphBuilder g = new("parameters");
        network.Build(g, network.Extents.ToDictionary(extent => extent.Symbol, extent => (Dim)extent.Samples[0]));
        return g.Parameters;
    }

    private static string Written(IReadOnlyList<double> numbers) => string.Join(", ", numbers.Select(number => FormattableString.Invariant($"{number}")));
}
