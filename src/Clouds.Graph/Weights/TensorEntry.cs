namespace Clouds.Graph.Weights;

/// <summary>One tensor of a weight file. Its elements stay in the file until they are read.</summary>
/// <param name="Name">Name as published, or ours where a <see cref="NameMap"/> was applied.</param>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Dimensions, slowest first; empty for a scalar.</param>
/// <param name="File">The file, which belongs to the source.</param>
/// <param name="Offset">First byte of the elements, counted from the start of the file.</param>
/// <param name="Bytes">Length in bytes: product of the dimensions times the element size.</param>
public sealed record TensorEntry(string Name, WeightType Type, IReadOnlyList<long> Shape, MappedFile File, long Offset, long Bytes)
{
    /// <summary>Product of the dimensions; 1 for a scalar.</summary>
    public long Elements => Bytes / Type.Size();

    /// <summary>Bytes of some of the elements, in C order, little-endian; valid while the source is open.</summary>
    /// <param name="first">First element.</param>
    /// <param name="count">Number of elements; a span holds less than 2 GB.</param>
    public ReadOnlySpan<byte> Slice(long first, int count) => File.Span(Offset + (first * Type.Size()), checked(count * Type.Size()));

    /// <summary>Type and shape as messages show them, for instance "F32 [64, 3, 7, 7]".</summary>
    public override string ToString() => $"{Type.Spelling()} [{string.Join(", ", Shape)}]";
}
