namespace Clouds.Graph.Weights;

/// <summary>One tensor of a weight file. Its elements stay in the file until they are read.</summary>
/// <param name="Name">Name as published, or ours where a <see cref="NameMap"/> was applied.</param>
/// <param name="Type">Element type in the file.</param>
/// <param name="Shape">Dimensions, slowest first; empty for a scalar.</param>
/// <param name="File">The file, which belongs to the source.</param>
/// <param name="Offset">First byte of the first element, counted from the start of the file.</param>
/// <param name="Bytes">Length in bytes: product of the dimensions times the element size.</param>
public sealed record TensorEntry(string Name, WeightType Type, IReadOnlyList<long> Shape, MappedFile File, long Offset, long Bytes)
{
    private const int Piece = 1 << 20;

    /// <summary>
    /// Elements from one index to the next, for each dimension, where the tensor is a view of a larger one; null where its elements lie one behind the
    /// other in C order.
    /// </summary>
    public IReadOnlyList<long>? Strides { get; init; }

    /// <summary>Product of the dimensions; 1 for a scalar.</summary>
    public long Elements => Bytes / Type.Size();

    /// <summary>
    /// Bytes of some of the elements, in C order, little-endian; of a view with <see cref="Strides"/> a copy, otherwise valid while the source is open.
    /// </summary>
    /// <param name="first">First element.</param>
    /// <param name="count">Number of elements; a span holds less than 2 GB.</param>
    public ReadOnlySpan<byte> Slice(long first, int count)
    {
        int bytes = checked(count * Type.Size());
        if (Strides is null)
        {
            return File.Span(Offset + (first * Type.Size()), bytes);
        }

        byte[] copy = new byte[bytes];
        StridedElements.Copy(this, Strides, first, copy);
        return copy;
    }

    /// <summary>Type and shape as messages show them, for instance "F32 [64, 3, 7, 7]".</summary>
    public override string ToString() => $"{Type.Spelling()} [{string.Join(", ", Shape)}]";

    /// <summary>The same elements one behind the other in another file.</summary>
    /// <param name="memory">A file in memory.</param>
    /// <param name="offset">Where the first element goes.</param>
    internal TensorEntry MovedTo(MappedFile memory, long offset)
    {
        for (long done = 0; done < Elements; done += Piece)
        {
            ReadOnlySpan<byte> bytes = Slice(done, (int)Math.Min(Piece, Elements - done));
            bytes.CopyTo(memory.Writable(offset + (done * Type.Size()), bytes.Length));
        }

        return this with { File = memory, Offset = offset, Strides = null };
    }
}
