using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;

namespace Clouds.Models.MaskClassifier;

/// <summary>What a model file says of itself besides its weights: enough to build the network and to name and paint its answers.</summary>
public sealed record ModelDescription
{
    /// <summary>Sizes of the network.</summary>
    public required MaskFormerConfig Network { get; init; }

    /// <summary>Class names by train id.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Class colours by train id.</summary>
    public required IReadOnlyList<ClassColour> ClassColours { get; init; }

    /// <summary>Colour normalisation; models from before encoders had their own carry none and were made with CLIP's.</summary>
    public ColourStatistics Normalisation { get; init; } = ColourStatistics.Clip;

    /// <summary>Images are resized to this short side before the network sees them; 0: not at all. Reference code: 1024.</summary>
    public int ShortSide { get; init; } = 1024;

    /// <summary>By train id the names that a text classifier knows a class by, the rows of its bank; empty for a linear classifier.</summary>
    public IReadOnlyList<IReadOnlyList<string>> ClassSynonyms { get; init; } = [];

    /// <summary>Train ids of classes that share no name with those that a text classifier was trained with: the geometric ensemble's others.</summary>
    public IReadOnlyList<int> UnseenClasses { get; init; } = [];

    /// <summary>Newest version of the format of model files: the one that is written.</summary>
    public const int Format = 1;

    /// <summary>Where the description stands in a weight file's metadata.</summary>
    public const string MetadataKey = "clouds.model";

    private const string Next = "train again, or use the version of Clouds.Native that wrote it";

    /// <summary>The network, for the weights of the file that carries this description.</summary>
    /// <exception cref="InvalidOperationException">The parts do not fit together.</exception>
    public MaskFormer Create()
    {
        TextBank? names = Network.Classifier == ClassifierKind.Text
            ? TextBank.InFile([.. ClassSynonyms.Select(synonyms => synonyms.Count)], Network.Encoder.Create()) with
            {
                Seen = [.. ClassNames.Select((_, id) => !UnseenClasses.Contains(id))],
            }
            : null;
        return new MaskFormer(Network, ClassNames.Count, text: names);
    }

    /// <summary>Reads the description in a model file's header.</summary>
    /// <exception cref="CloudsException">Weights: the file has none, or a damaged or incomplete one, or is of a newer version.</exception>
    public static ModelDescription Read(WeightSource file)
    {
        if (!file.Metadata.TryGetValue(MetadataKey, out string? json))
        {
            throw new CloudsException(Failure.Weights, "the weight file is no Clouds.Native model", file.Path,
                $"no {MetadataKey} in its metadata", "a segmenter: the model of a training run, or an imported one",
                "give the model.safetensors of a finished run, or what `clouds model import` makes of a published segmenter");
        }

        FormatVersion.Require(file, "model", Format);
        try
        {
            return Parse(StrictJson.Parse(Encoding.UTF8.GetBytes(json), new JsonOrigin("the model's description", file.Path, Failure.Weights, Next)));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new CloudsException(Failure.Weights, "the model's description cannot be read", file.Path,
                e.Message, next: Next, inner: e);
        }
    }

    /// <summary>The description as metadata of a weight file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, DescriptionJson.Default.ModelDescription);

    private static ModelDescription Parse(StrictJson json)
    {
        JsonObject found = JsonObject.Create(json.Element) ?? throw new JsonException("null");
        EncoderConfig.NameKind(found["network"]?["encoder"]);
        found["normalisation"] ??= JsonSerializer.SerializeToNode(ColourStatistics.Clip, DescriptionJson.Default.ColourStatistics);
        found["classSynonyms"] ??= new JsonArray();
        found["unseenClasses"] ??= new JsonArray();
        Complete(found["network"], JsonSerializer.SerializeToNode(new MaskFormerConfig(), DescriptionJson.Default.MaskFormerConfig)!);
        ModelDescription description = found.Deserialize(DescriptionJson.Default.ModelDescription)!;
        string? missing = JsonMembers.Missing(found, JsonNode.Parse(description.ToJson()));
        return missing is null ? description : throw new JsonException($"it lacks '{missing}'");
    }

    // What networks had no choice of before there was a text classifier.
    private static void Complete(JsonNode? network, JsonNode usual)
    {
        if (network is JsonObject found)
        {
            foreach (string name in new[] { "classifier", "geometricEnsemble", "ensemble" })
            {
                found[name] ??= usual[name]!.DeepClone();
            }

            if (found["encoder"] is JsonObject encoder && (string?)encoder[EncoderConfig.KindKey] == ConvNeXtConfig.Kind)
            {
                encoder["embedding"] ??= usual["encoder"]!["embedding"]!.DeepClone();
            }
        }
    }
}

/// <summary>A class's colour in pictures, each channel 0..255.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
public readonly record struct ClassColour(byte R, byte G, byte B);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ModelDescription))]
internal sealed partial class DescriptionJson : JsonSerializerContext;
