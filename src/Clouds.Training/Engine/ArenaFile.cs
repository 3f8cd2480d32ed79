using Clouds.Graph.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>Trained parameters as a weight file, each under its name.</summary>
internal static class ArenaFile
{
    /// <summary>Writes the parameters, or their moving average where one is kept.</summary>
    /// <param name="path">File, replaced as a whole.</param>
    /// <param name="arena">The parameters.</param>
    /// <param name="metadata">Entries of the file's header; null: none.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: it cannot be written.</exception>
    public static void Write(string path, ParameterArena arena, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArenaPart part = arena.Has(ArenaPart.Teacher) ? ArenaPart.Teacher : ArenaPart.Parameters;
        TensorDeclaration[] tensors = [.. arena.Slots.Select(slot => new TensorDeclaration(slot.Name, WeightType.F32, slot.Shape))];
        using SafetensorsWriter writer = new(path, tensors, metadata);
        foreach (TensorDeclaration tensor in tensors)
        {
            writer.Write<float>(tensor.Name, arena.Span(part, tensor.Name));
        }

        writer.Commit();
    }
}
