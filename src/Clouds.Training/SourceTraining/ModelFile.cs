using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>Writes a finished model: one safetensors file with every weight under its checkpoint name and the <see cref="ModelDescription"/>.</summary>
internal static class ModelFile
{
    /// <summary>Writes trained parameters and, where the encoder was frozen, its weights as they stand in their own file.</summary>
    /// <param name="path">Final name.</param>
    /// <param name="description">What the model is.</param>
    /// <param name="trained">Trained parameters; null for none.</param>
    /// <param name="frozen">Further parameters; null for none.</param>
    /// <param name="names">What a text classifier compares with, so that nobody needs the text tower again; null for a linear one.</param>
    /// <param name="more">Further metadata; null for none.</param>
    public static void Write(string path, ModelDescription description, ParameterArena? trained, FrozenWeights? frozen, ClassEmbeddings? names,
        IReadOnlyDictionary<string, string>? more = null)
    {
        IReadOnlyList<TensorEntry> copied = frozen?.Tensors ?? [];
        IReadOnlyList<ParameterSlot> slots = trained?.Slots ?? [];
        IEnumerable<TensorDeclaration> tensors =
        [
            .. copied.Select(tensor => new TensorDeclaration(tensor.Name, tensor.Type, tensor.Shape)),
            .. names is null ? [] : new[] { new TensorDeclaration(TextBank.Parameter, WeightType.F32, names.Shape) },
            .. slots.Select(slot => new TensorDeclaration(slot.Name, WeightType.F32, slot.Shape)),
        ];
        Dictionary<string, string> metadata = new([.. more ?? new Dictionary<string, string>(), FormatVersion.Entry(ModelDescription.Format)])
        {
            [ModelDescription.MetadataKey] = description.ToJson(),
        };
        using SafetensorsWriter writer = new(path, [.. tensors], metadata);
        foreach (TensorEntry tensor in copied)
        {
            writer.Copy(tensor.Name, tensor);
        }

        if (names is not null)
        {
            writer.Write<float>(TextBank.Parameter, names.Rows);
        }

        foreach (ParameterSlot slot in slots)
        {
            writer.Write<float>(slot.Name, trained!.Span(ArenaPart.Parameters, slot.Name));
        }

        writer.Commit();
    }
}
