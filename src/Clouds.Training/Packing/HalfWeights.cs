using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Training.Packing;

/// <summary>A weight file once more, its single, double and brain floats as halves. Names, shapes, metadata and whole numbers stay.</summary>
internal static class HalfWeights
{
    /// <summary>Writes it.</summary>
    /// <param name="source">The file, in any container.</param>
    /// <param name="target">A safetensors file.</param>
    /// <returns>Numbers in it.</returns>
    /// <exception cref="CloudsException">Numeric: a weight is not finite, or too large for a half; Output: it cannot be written.</exception>
    public static long Write(string source, string target)
    {
        using WeightSource weights = WeightSource.Open(source);
        TensorEntry[] tensors = [.. weights.Tensors.Values.OrderBy(tensor => tensor.Offset)];
        using SafetensorsWriter writer = new(target, [.. tensors.Select(Declared)], weights.Metadata);
        foreach (TensorEntry tensor in tensors)
        {
            if (Shrinks(tensor))
            {
                writer.Write(tensor.Name, Array.ConvertAll(weights.ReadFloats(tensor.Name), value => Finite(value, tensor, source)));
            }
            else
            {
                writer.Copy(tensor.Name, tensor);
            }
        }

        writer.Commit();
        return tensors.Sum(tensor => tensor.Elements);
    }

    private static bool Shrinks(TensorEntry tensor) => tensor.Type is WeightType.F64 or WeightType.F32 or WeightType.BF16;

    private static TensorDeclaration Declared(TensorEntry tensor) => new(tensor.Name, Shrinks(tensor) ? WeightType.F16 : tensor.Type, tensor.Shape);

    private static Half Finite(float value, TensorEntry tensor, string path) => Half.IsFinite((Half)value) ? (Half)value : throw new CloudsException(
        Failure.Numeric, "a weight has no place in half precision", $"{path}, tensor '{tensor.Name}'", value.ToString("R", CultureInfo.InvariantCulture),
        "numbers between -65504 and 65504", "keep the model in single precision");
}
