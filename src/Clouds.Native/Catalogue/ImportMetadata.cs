using System.Text.Json;
using System.Text.Json.Nodes;

namespace Clouds.Native.Catalogue;

/// <summary>What an imported model says of where it comes from, in the metadata of its file. Nothing in it depends on the machine.</summary>
internal static class ImportMetadata
{
    /// <summary>Key of the report.</summary>
    public const string Key = "clouds.import";

    private const string LicenceKey = "licence";

    /// <summary>The metadata of a model.</summary>
    public static IReadOnlyDictionary<string, string> Of(ImportReport report)
    {
        Dictionary<string, string> metadata = new() { [Key] = Document(report).ToJsonString(new JsonSerializerOptions()) };
        if (report.Licence is string licence)
        {
            metadata.Add(LicenceKey, licence);
        }

        return metadata;
    }

    private static JsonObject Document(ImportReport report) => new()
    {
        ["model"] = report.Entry?.Name,
        ["home"] = report.Entry?.Home.ToString(),
        ["tensorDigest"] = report.Entry?.TensorDigest,
        ["configuration"] = new JsonObject(report.Configuration.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["format"] = report.Format,
        ["files"] = new JsonArray([.. report.Files.Select(file => new JsonObject { ["name"] = file.Name, ["bytes"] = file.Bytes, ["sha256"] = file.Sha256 })]),
        ["published"] = report.IsPublished,
        ["names"] = report.Names,
        ["below"] = report.Below,
        ["matched"] = report.Matched,
        ["taken"] = report.Taken,
        ["left"] = report.Left,
        ["outside"] = report.Outside,
        ["unexpected"] = report.Count(TensorFaultKind.Unexpected),
    };
}
