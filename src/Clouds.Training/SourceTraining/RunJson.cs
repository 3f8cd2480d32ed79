using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Clouds.Training.SourceTraining;

/// <summary>How runs write themselves down.</summary>
internal static class RunJson
{
    // By reflection: members that an older run lacks keep the defaults of their records. The generated reader would make them null or zero.
    public static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}
