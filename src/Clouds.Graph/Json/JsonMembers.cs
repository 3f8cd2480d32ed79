using System.Text.Json.Nodes;

namespace Clouds.Graph.Json;

/// <summary>Members of JSON objects.</summary>
public static class JsonMembers
{
    /// <summary>
    /// A member, of any depth, that one text has and another lacks: generated readers make what a file lacks null or zero, whatever the record's default is.
    /// </summary>
    /// <param name="found">What was read.</param>
    /// <param name="wanted">What it became, as JSON again.</param>
    /// <returns>Its path, with dots; null where none is missing.</returns>
    public static string? Missing(JsonNode found, JsonNode? wanted) => Missing(found, wanted, "");

    private static string? Missing(JsonNode found, JsonNode? wanted, string path)
    {
        foreach ((string name, JsonNode? member) in wanted as JsonObject ?? [])
        {
            string? missing = found[name] is JsonNode there ? Missing(there, member, $"{path}{name}.") : path + name;
            if (missing is not null)
            {
                return missing;
            }
        }

        return null;
    }
}
