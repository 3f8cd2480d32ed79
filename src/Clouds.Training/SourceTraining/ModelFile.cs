using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>Writes a finished model: one safetensors file with every weight under its checkpoint name and the <see cref="ModelDescription"/>.</summary>
internal static class ModelFile
{
    /// <summary>Writes trained parameters and, where the encoder was frozen, its weights from their own file.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="description">What the model is.</param>
    /// <param name="trained">Trained parameters.</param>
    /// <param name="frozen">Further parameters: name, shape and how to get the elements.</param>
    public static void Write(
        string path, ModelDescription description, ParameterArena trained, IReadOnlyList<(string Name, long[] Shape, Func<float[]> Elements)> frozen)
    {
        IEnumerable<TensorDeclaration> tensors =
        [
            .. frozen.Select(tensor => new TensorDeclaration(tensor.Name, WeightType.F32, tensor.Shape)),
            .. trained.Slots.Select(slot => new TensorDeclaration(slot.Name, WeightType.F32, slot.Shape)),
        ];
        Dictionary<string, string> metadata = new([FormatVersion.Entry(ModelDescription.Format)]) { [ModelDescription.MetadataKey] = description.ToJson() };
        using SafetensorsWriter writer = new(path, [.. tensors], metadata);
        foreach ((string name, _, Func<float[]> elements) in frozen)
        {
            writer.Write(name, elements());
        }

        foreach (ParameterSlot slot in trained.Slots)
        {
            writer.Write<float>(slot.Name, trained.Span(ArenaPart.Parameters, slot.Name));
        }

        writer.Commit();
    }
}
