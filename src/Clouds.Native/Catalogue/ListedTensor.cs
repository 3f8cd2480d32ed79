using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>One tensor of a published model.</summary>
/// <param name="Name">Its published name.</param>
/// <param name="Type">Its published element type.</param>
/// <param name="Shape">Dimensions, slowest first; empty for a scalar.</param>
/// <param name="Optional">Whether some published files of the model lack it.</param>
/// <param name="Ignored">Whether it is left out of imported models.</param>
internal sealed record ListedTensor(string Name, WeightType Type, IReadOnlyList<long> Shape, bool Optional, bool Ignored)
{
    /// <summary>Shape as manifests spell it, for instance "64x3x7x7"; "scalar" for none.</summary>
    public string Extents => Shape.Count == 0 ? "scalar" : string.Join('x', Shape);

    /// <summary>Type and shape as messages show them.</summary>
    public override string ToString() => $"{Type.Spelling()} [{string.Join(", ", Shape)}]";

    /// <summary>Whether a tensor of a file has this shape.</summary>
    public bool HasShapeOf(TensorEntry tensor) => Shape.SequenceEqual(tensor.Shape);

    /// <summary>Whether a tensor's elements can be taken for this one's: types with fractions are taken for each other.</summary>
    public bool HasTypeOf(TensorEntry tensor) => Type == tensor.Type || (Type.IsFloat() && tensor.Type.IsFloat());
}
