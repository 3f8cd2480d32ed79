using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;

namespace Clouds.Native.Catalogue;

/// <summary>A network that was told from tensors, in the words that manifests have.</summary>
internal static class ToldConfiguration
{
    private static readonly JsonSerializerOptions Settings = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>The words: an encoder's published key where it has one, otherwise its kind and sizes as settings have them.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="segmenter">The whole network; null: there is none.</param>
    public static IReadOnlyDictionary<string, string> Of(EncoderConfig encoder, ReleasedNetwork? segmenter)
    {
        Dictionary<string, string> words = [];
        string text = Text(encoder);
        string? published = EncoderConfig.Published.FirstOrDefault(known => Text(known.Value) == text).Key;
        IEnumerable<KeyValuePair<string, string>> sizes = JsonNode.Parse(text)!.AsObject()
            .Select(pair => KeyValuePair.Create($"encoder.{pair.Key}", pair.Value!.ToJsonString(Settings).Trim('"')));
        foreach ((string key, string word) in published is null ? sizes : [KeyValuePair.Create("encoder", published)])
        {
            words.Add(key, word);
        }

        if (segmenter is not null)
        {
            words.Add("classifier", segmenter.Network.Classifier == ClassifierKind.Text ? "text" : "linear");
            words.Add("queries", segmenter.Network.TransformerDecoder.Queries.ToString(CultureInfo.InvariantCulture));
        }

        if (segmenter?.Classes is int classes)
        {
            words.Add("trainedClasses", classes.ToString(CultureInfo.InvariantCulture));
        }

        return words;
    }

    private static string Text(EncoderConfig encoder) => JsonSerializer.Serialize(encoder, Settings);
}
