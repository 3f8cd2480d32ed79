using System.Text;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>
/// Saves and restores a run: one safetensors file with parameters, moments and teacher, written beside and renamed. Its
/// metadata hold the state and the run's description under "clouds.training"; what its data were is a tensor of bytes, as there may be much of it.
/// </summary>
public static class Checkpoint
{
    /// <summary>Newest version of the format: the one that is written.</summary>
    public const int Format = 1;

    /// <summary>What the names of the teacher's parameters begin with.</summary>
    internal const string TeacherPrefix = "teacher/";

    private const string DataTensor = "clouds.data";
    private const string MetadataKey = "clouds.training";
    private const string What = "the file is no training checkpoint of this version";
    private const string Next = "resume with the version that wrote it, or start a new run";

    private static readonly (ArenaPart Part, string Prefix)[] Parts =
    [
        (ArenaPart.Parameters, ""), (ArenaPart.FirstMoment, "adamw.exp_avg/"), (ArenaPart.SecondMoment, "adamw.exp_avg_sq/"),
        (ArenaPart.Teacher, TeacherPrefix),
    ];

    /// <summary>Whether a weight file is one.</summary>
    public static bool Is(WeightSource file) => file.Metadata.ContainsKey(MetadataKey);

    /// <summary>The description that the run was started with, as JSON with further members.</summary>
    /// <exception cref="CloudsException">BadInput: there is no checkpoint; Weights: none is whole, or the newest is of a newer version.</exception>
    public static string Describe(RunFolder folder)
    {
        using WeightSource file = Open(folder);
        StateOf(file);
        return file.Metadata[MetadataKey];
    }

    /// <summary>Whether a run has made so many steps and written its model.</summary>
    /// <exception cref="CloudsException">As <see cref="Describe"/>.</exception>
    public static bool IsDone(RunFolder folder, long steps) => folder.Checkpoints.Count > 0 && File.Exists(folder.Model)
        && JsonNode.Parse(Describe(folder))!["step"]!.GetValue<long>() >= steps;

    /// <summary>What the data were (<see cref="TrainingSettings.Data"/>); null: the checkpoint does not say.</summary>
    /// <exception cref="CloudsException">As <see cref="Describe"/>.</exception>
    public static string? DataOf(RunFolder folder)
    {
        using WeightSource file = Open(folder);
        return file.Tensors.TryGetValue(DataTensor, out TensorEntry? data) ? Encoding.UTF8.GetString(data.Slice(0, checked((int)data.Elements))) : null;
    }

    /// <summary>Refuses a checkpoint whose description the training cannot read.</summary>
    public static CloudsException Unreadable(string path, Exception reason) => new(Failure.Weights, What, path, reason.Message, next: Next, inner: reason);

    /// <summary>What a tensor of a checkpoint is part of, in words.</summary>
    internal static string PartOf(string tensor) => tensor == DataTensor ? "data"
        : Parts.Last(part => tensor.StartsWith(part.Prefix, StringComparison.Ordinal)).Part switch
        {
            ArenaPart.FirstMoment => "first moments",
            ArenaPart.SecondMoment => "second moments",
            ArenaPart.Teacher => "teacher",
            _ => "parameters",
        };

    /// <summary>Bytes of a checkpoint, its header aside.</summary>
    internal static long Bytes(ParameterArena arena, TrainingSettings settings)
        => (Parts.Count(part => arena.Has(part.Part)) * arena.ParameterCount * sizeof(float)) + Encoding.UTF8.GetByteCount(settings.Data);

    /// <summary>Writes the file; the old one survives any failure.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="kept">Name that the old one gets; null: none.</param>
    /// <param name="arena">Parameters, moments, teacher.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="settings">What the run is.</param>
    /// <exception cref="CloudsException">Output: the disk is full or the folder not writable.</exception>
    internal static void Save(string path, string? kept, ParameterArena arena, RunState state, TrainingSettings settings)
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

        writer.Commit(kept);
    }

    /// <summary>Fills the arenas from the newest checkpoint that is whole.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="arena">Filled.</param>
    /// <param name="trained">What the training's parameters are.</param>
    /// <param name="warn">Told in a sentence where an older one is taken; null: nobody.</param>
    /// <returns>Where the run stands, and the file that says so.</returns>
    /// <exception cref="CloudsException">
    /// BadInput: there is none; Weights: tensors that do not fit, all of them; a damaged file or one of a newer version; Numeric: an element is not finite.
    /// </exception>
    internal static (RunState State, string Path) Restore(
        RunFolder folder, ParameterArena arena, IReadOnlyCollection<Parameter> trained, Action<string>? warn)
    {
        using WeightSource file = Open(folder, warn);
        RunState state = StateOf(file);
        WeightMatch.Require(file, trained);
        RequireParts(file, arena);
        FiniteWeights.Require(file, file.Tensors.Values);
        foreach ((ArenaPart part, string prefix) in Parts.Where(part => arena.Has(part.Part)))
        {
            foreach (ParameterSlot slot in arena.Slots)
            {
                file.ReadFloats(prefix + slot.Name, arena.Span(part, slot.Name));
            }
        }

        return (state, file.Path);
    }

    // Two stages may train the same parameters; one of them has a teacher.
    private static void RequireParts(WeightSource file, ParameterArena arena)
    {
        foreach ((ArenaPart part, string prefix) in Parts.Where(part => part.Prefix.Length > 0))
        {
            bool there = file.Tensors.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));
            if (there != arena.Has(part))
            {
                throw new CloudsException(Failure.Weights, "the checkpoint is one of another training", file.Path,
                    $"{(there ? "tensors" : "no tensors")} {prefix}*", there ? "none: this training keeps none" : "one for each parameter",
                    "resume it as what it was started");
            }
        }
    }

    private static WeightSource Open(RunFolder folder, Action<string>? warn = null)
    {
        WeightSource file = NewestCheckpoint.Open(folder, warn);
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

    internal static RunState StateOf(WeightSource file) => file.Metadata.TryGetValue(MetadataKey, out string? run)
        ? RunState.Read(StrictJson.Parse(Encoding.UTF8.GetBytes(run), new JsonOrigin("the description of the run", file.Path, Failure.Weights, Next)))
        : throw new CloudsException(Failure.Weights, What, file.Path, $"no {MetadataKey} in its metadata", next: Next);
}
