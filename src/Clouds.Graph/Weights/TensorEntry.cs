namespace Clouds.Graph.Weights;

/// <summary>One tensor of a weight file.</summary>
/// <param name="Name">Name as published.</param>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Dimensions, slowest first; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the start of the data section.</param>
/// <param name="Bytes">Length in bytes: product of the dimensions times the element size.</param>
public sealed record TensorEntry(string Name, WeightType Type, IReadOnlyList<long> Shape, long Offset, long Bytes)
{
    /// <summary>Product of the dimensions; 1 for a scalar.</summary>
    public long Elements => Bytes / Type.Size();

    /// <summary>Type and shape as messages show them, for instance "F32 [64, 3, 7, 7]".</summary>
    public override string ToString() => $"{Type.Spelling()} [{string.Join(", ", Shape)}]";
}
