using System.Text.Json;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>State of a run between two steps besides the arenas. All random draws are functions of seed and step, so this is all there is.</summary>
public sealed record TrainingState
{
    /// <summary>Steps done.</summary>
    public long Step { get; init; }

    /// <summary>Steps in a row whose gradient was not finite.</summary>
    public int SkippedInARow { get; init; }

    /// <summary>The run's configuration.</summary>
    public required SourceTrainingConfig Config { get; init; }

    /// <summary>Data set the run reads.</summary>
    public required string Data { get; init; }
}

/// <summary>Saves and restores a run: one safetensors file with parameters and both moments, written beside and renamed over the old one.</summary>
internal static class TrainingCheckpoint
{
    private const string MetadataKey = "clouds.training";

    private static readonly (ArenaPart Part, string Prefix)[] Parts =
        [(ArenaPart.Parameters, ""), (ArenaPart.FirstMoment, "adamw.exp_avg/"), (ArenaPart.SecondMoment, "adamw.exp_avg_sq/")];

    /// <summary>Writes the file; the old one survives any failure.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or the folder not writable.</exception>
    public static void Save(string path, ParameterArena arena, TrainingState state)
    {
        string json = JsonSerializer.Serialize(state, StateJson.Default.TrainingState);
        IEnumerable<TensorDeclaration> tensors =
            Parts.SelectMany(part => arena.Slots.Select(slot => new TensorDeclaration(part.Prefix + slot.Name, WeightType.F32, slot.Shape)));
        using SafetensorsWriter writer = new(path, [.. tensors], new Dictionary<string, string> { [MetadataKey] = json });
        foreach ((ArenaPart part, string prefix) in Parts)
        {
            foreach (ParameterSlot slot in arena.Slots)
            {
                writer.Write<float>(prefix + slot.Name, arena.Span(part, slot.Name));
            }
        }

        writer.Commit();
    }

    /// <summary>Reads the state alone.</summary>
    /// <exception cref="CloudsException">Weights: no checkpoint, or a damaged one.</exception>
    public static TrainingState ReadState(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return State(file);
    }

    /// <summary>Fills the arenas.</summary>
    /// <exception cref="CloudsException">Weights: tensors that do not fit, all of them.</exception>
    public static TrainingState Restore(string path, TrainingStep step)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        WeightMatch.Require(file, [.. step.Trained]);
        foreach ((ArenaPart part, string prefix) in Parts)
        {
            foreach (ParameterSlot slot in step.Arena.Slots)
            {
                file.ReadFloats(prefix + slot.Name, step.Arena.Span(part, slot.Name));
            }
        }

        return State(file);
    }

    private static TrainingState State(SafetensorsFile file)
    {
        try
        {
            return JsonSerializer.Deserialize(file.Metadata.GetValueOrDefault(MetadataKey, "null"), StateJson.Default.TrainingState)
                ?? throw new JsonException($"no {MetadataKey} in its metadata");
        }
        catch (JsonException e)
        {
            throw new CloudsException(Failure.Weights, "the file is no training checkpoint of this version",
                file.Path, e.Message, next: "resume with the version that wrote it, or start a new run", inner: e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(HistoryLine))]
internal sealed partial class StateJson : JsonSerializerContext;
