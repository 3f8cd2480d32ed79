using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;

namespace Clouds.Models.Sam;

/// <summary>Which Segment Anything a weight file holds: as the file says in its metadata, or as its tensors tell.</summary>
public static class SamDescription
{
    /// <summary>Where the sizes stand in a weight file's metadata; published files have none.</summary>
    public const string MetadataKey = "clouds.sam";

    /// <summary>Newest version of the format of such files: the one that is written.</summary>
    public const int Format = 1;

    private const string Next = "give sam_vit_b, sam_vit_l or sam_vit_h of Segment Anything, or mobile_sam of MobileSAM, in any container";

    /// <summary>The sizes as metadata of a weight file.</summary>
    public static string ToJson(SamConfig config) => JsonSerializer.Serialize(config, SamJson.Default.SamConfig);

    /// <summary>The network of a weight file.</summary>
    /// <exception cref="CloudsException">Weights: it holds none, or its description is damaged, or of a newer version.</exception>
    public static SamConfig Read(WeightSource file)
    {
        if (!file.Metadata.TryGetValue(MetadataKey, out string? json))
        {
            return SamConfig.Find(Shapes(file)) ?? throw new CloudsException(
                Failure.Weights, "the weight file is no Segment Anything", file.Path, $"{file.Tensors.Count} tensors of another network",
                "image_encoder, prompt_encoder and mask_decoder", Next);
        }

        FormatVersion.Require(file, "model", Format);
        try
        {
            return Parse(StrictJson.Parse(Encoding.UTF8.GetBytes(json), new JsonOrigin("the model's description", file.Path, Failure.Weights, Next)));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new CloudsException(Failure.Weights, "the model's description cannot be read", file.Path, e.Message, next: Next, inner: e);
        }
    }

    private static Dictionary<string, IReadOnlyList<long>> Shapes(WeightSource file)
    {
        string below = NameMap.Recognise(file.Tensors.Keys)?.Below ?? "";
        return file.Tensors.Values.Where(tensor => tensor.Name.StartsWith(below, StringComparison.Ordinal))
            .ToDictionary(tensor => tensor.Name[below.Length..], tensor => tensor.Shape);
    }

    private static SamConfig Parse(StrictJson json)
    {
        JsonObject found = JsonObject.Create(json.Element) ?? throw new JsonException("null");
        SamConfig config = found.Deserialize(SamJson.Default.SamConfig)!;
        string? missing = JsonMembers.Missing(found, JsonNode.Parse(ToJson(config)));
        return missing is not null ? throw new JsonException($"it lacks '{missing}'")
            : config.Misfit() is (string member, string wrong, string expected) ? throw new JsonException($"{member} is {wrong}, expected {expected}")
            : config;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SamConfig))]
internal sealed partial class SamJson : JsonSerializerContext;
