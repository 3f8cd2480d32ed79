using System.Text.Json;
using System.Text.Json.Nodes;
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

    /// <summary>Processor threads of a step; 0: one a processor. Another number may give other bits (platform.md section 3).</summary>
    public int Threads { get; init; }

    /// <summary>Processors of the machine that it ran on; 0: nobody noted them.</summary>
    public int Processors { get; init; }

    /// <summary>Reads the settings of an interrupted run.</summary>
    /// <exception cref="CloudsException">BadInput: there is no checkpoint; Weights: it is damaged, of a newer version or of another training.</exception>
    public static SourceRun Interrupted(RunFolder folder)
    {
        try
        {
            JsonNode run = JsonNode.Parse(Checkpoint.Describe(folder))!;
            MoveThreads(run);
            EncoderConfig.NameKind(run["config"]?["network"]?["encoder"]);
            return run.Deserialize<SourceRun>(RunJson.Format)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw Checkpoint.Unreadable(folder.Checkpoint, e);
        }
    }

    // They stood among the settings of training at first.
    private static void MoveThreads(JsonNode run)
    {
        if (run["threads"] is null && run["config"]?["threads"] is JsonNode threads)
        {
            run["threads"] = threads.DeepClone();
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, RunJson.Format);
}
