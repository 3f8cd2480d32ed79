using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>What a checkpoint of the source training says of its run.</summary>
public sealed record SourceRun
{
    /// <summary>The run's configuration.</summary>
    public required SourceTrainingConfig Config { get; init; }

    /// <summary>Data set the run reads.</summary>
    public required string Data { get; init; }

    /// <summary>Reads the settings of an interrupted run.</summary>
    /// <exception cref="CloudsException">BadInput: there is no checkpoint; Weights: it is damaged, of a newer version or of another training.</exception>
    public static SourceRun Interrupted(RunFolder folder)
    {
        try
        {
            JsonNode? run = JsonNode.Parse(Checkpoint.Describe(folder));
            EncoderConfig.NameKind(run?["config"]?["network"]?["encoder"]);
            return run.Deserialize(RunJson.Default.SourceRun) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw Checkpoint.Unreadable(folder.Checkpoint, e);
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, RunJson.Default.SourceRun);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SourceRun))]
internal sealed partial class RunJson : JsonSerializerContext;
