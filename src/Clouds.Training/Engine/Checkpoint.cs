using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// Saves and restores a run: one safetensors file with parameters, moments and teacher, written beside and renamed over the old one. Its
/// metadata hold the state and the run's description under "clouds.training"; what its data were is a tensor of bytes, as there may be much of it.
/// </summary>
public static class Checkpoint
{
    /// <summary>Newest version of the format: the one that is written.</summary>
    public const int Format = 1;

    private const string DataTensor = "clouds.data";
    private const string MetadataKey = "clouds.training";
    private const string What = "the file is no training checkpoint of this version";
    private const string Next = "resume with the version that wrote it, or start a new run";

    private static readonly (ArenaPart Part, string Prefix)[] Parts =
    [
        (ArenaPart.Parameters, ""), (ArenaPart.FirstMoment, "adamw.exp_avg/"), (ArenaPart.SecondMoment, "adamw.exp_avg_sq/"), (ArenaPart.Teacher, "teacher/"),
    ];

    /// <summary>The description that the run was started with, as JSON with further members.</summary>
    /// <exception cref="CloudsException">BadInput: there is no checkpoint; Weights: it is damaged or of a newer version.</exception>
    public static string Describe(RunFolder folder)
    {
        if (!File.Exists(folder.Checkpoint))
        {
            throw new CloudsException(
                Failure.BadInput, "there is nothing to resume", folder.Path, "no checkpoint.safetensors", next: "start the run without TrainingOptions.Resume");
        }

        using WeightSource file = Open(folder.Checkpoint);
        State(file);
        return file.Metadata[MetadataKey];
    }

    /// <summary>What the data were (<see cref="TrainingSettings.Data"/>); null: the checkpoint does not say.</summary>
    /// <exception cref="CloudsException">Weights: it is damaged or of a newer version.</exception>
    public static string? DataOf(RunFolder folder)
    {
        using WeightSource file = Open(folder.Checkpoint);
        return file.Tensors.TryGetValue(DataTensor, out TensorEntry? data) ? Encoding.UTF8.GetString(data.Slice(0, checked((int)data.Elements))) : null;
    }

    /// <summary>Refuses a checkpoint whose description the training cannot read.</summary>
    public static CloudsException Unreadable(string path, Exception reason) => new(Failure.Weights, What, path, reason.Message, next: Next, inner: reason);

    /// <summary>Writes the file; the old one survives any failure.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or the folder not writable.</exception>
    internal static void Save(string path, ParameterArena arena, RunState state, TrainingSettings settings)
    {
        (ArenaPart Part, string Name, ParameterSlot Slot)[] tensors =
            [.. Parts.Where(part => arena.Has(part.Part)).SelectMany(part => arena.Slots.Select(slot => (part.Part, part.Prefix + slot.Name, slot)))];
        byte[] data = Encoding.UTF8.GetBytes(settings.Data);
        IEnumerable<TensorDeclaration> declared = tensors.Select(t => new TensorDeclaration(t.Name, WeightType.F32, t.Slot.Shape));
        Dictionary<string, string> metadata = new([FormatVersion.Entry(Format)]) { [MetadataKey] = state.ToJson(settings.Description) };
        using SafetensorsWriter writer = new(
            path, data.Length == 0 ? [.. declared] : [.. declared, new TensorDeclaration(DataTensor, WeightType.U8, [data.Length])], metadata);
        foreach ((ArenaPart part, string name, ParameterSlot slot) in tensors)
        {
            writer.Write<float>(name, arena.Span(part, slot.Name));
        }

        if (data.Length > 0)
        {
            writer.Write(DataTensor, data);
        }

        writer.Commit();
    }

    /// <summary>Fills the arenas.</summary>
    /// <exception cref="CloudsException">
    /// Weights: tensors that do not fit, all of them; a damaged file or one of a newer version; Numeric: an element is not finite.
    /// </exception>
    internal static RunState Restore(string path, ParameterArena arena, IReadOnlyCollection<Parameter> trained)
    {
        using WeightSource file = Open(path);
        RunState state = State(file);
        WeightMatch.Require(file, trained);
        FiniteWeights.Require(file, file.Tensors.Values);
        foreach ((ArenaPart part, string prefix) in Parts.Where(part => arena.Has(part.Part)))
        {
            foreach (ParameterSlot slot in arena.Slots)
            {
                file.ReadFloats(prefix + slot.Name, arena.Span(part, slot.Name));
            }
        }

        return state;
    }

    private static WeightSource Open(string path)
    {
        WeightSource file = WeightSource.Open(path);
        try
        {
            FormatVersion.Require(file, "checkpoint", Format);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static RunState State(WeightSource file) => file.Metadata.TryGetValue(MetadataKey, out string? run)
        ? RunState.Read(StrictJson.Parse(Encoding.UTF8.GetBytes(run), new JsonOrigin("the description of the run", file.Path, Failure.Weights, Next)))
        : throw new CloudsException(Failure.Weights, What, file.Path, $"no {MetadataKey} in its metadata", next: Next);
}
