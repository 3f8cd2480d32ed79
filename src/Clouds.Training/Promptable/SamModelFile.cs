using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Promptable;

/// <summary>Writes a finished Segment Anything: every weight under its published name, and the sizes among the metadata.</summary>
internal static class SamModelFile
{
    /// <summary>Writes trained parameters, and those that no step has changed as the run began with them: from its file, or drawn from its seed.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: it cannot be written; Weights: the run's file no longer fits.</exception>
    public static void Write(string path, SamTrainingConfig config, ParameterArena arena)
    {
        Parameter[] parameters = [.. SegmentAnythingNetwork.ParametersOf(config.Network).Where(parameter => parameter.IsRead)];
        HashSet<string> trained = [.. arena.Slots.Select(slot => slot.Name)];
        Parameter[] others = [.. parameters.Where(parameter => !trained.Contains(parameter.Name))];
        using FrozenWeights? begun = config.From.Length > 0 && others.Length > 0 ? FrozenWeights.Open(config.From, others) : null;
        Dictionary<string, TensorEntry> copied = begun?.Tensors.ToDictionary(tensor => tensor.Name) ?? [];
        Dictionary<string, string> metadata = new([FormatVersion.Entry(SamDescription.Format)])
        {
            [SamDescription.MetadataKey] = SamDescription.ToJson(config.Network),
        };
        using SafetensorsWriter writer = new(path, [.. parameters.Select(Declared)], metadata);
        foreach (Parameter parameter in parameters)
        {
            if (copied.TryGetValue(parameter.Name, out TensorEntry? tensor))
            {
                writer.Copy(parameter.Name, tensor);
            }
            else
            {
                writer.Write(parameter.Name, trained.Contains(parameter.Name)
                    ? arena.Span(ArenaPart.Parameters, parameter.Name)
                    : parameter.Initialize((ulong)config.Seed));
            }
        }

        writer.Commit();

        TensorDeclaration Declared(Parameter parameter) => copied.TryGetValue(parameter.Name, out TensorEntry? tensor)
            ? new TensorDeclaration(parameter.Name, tensor.Type, tensor.Shape)
            : new TensorDeclaration(parameter.Name, WeightType.F32, parameter.Shape.Sizes);
    }
}
