using System.Runtime.InteropServices;

namespace Clouds.Graph.Building;

/// <summary>A tensor whose elements are part of the graph.</summary>
/// <param name="Type">Element type.</param>
/// <param name="Sizes">Extents; empty for a scalar.</param>
/// <param name="Data">Elements in C order, little-endian; shared, never written to.</param>
public sealed record Literal(ElementType Type, long[] Sizes, byte[] Data)
{
    /// <summary>Elements in C order, little-endian; shared, never written to.</summary>
    public byte[] Data { get; } = Sizes.Aggregate((long)Type.ByteSize(), (product, size) => product * size) == Data.Length
        ? Data
        : throw new ArgumentException($"{Data.Length} bytes for a {Type} literal of shape [{string.Join(", ", Sizes)}]");

    /// <summary>The elements of a float literal.</summary>
    public ReadOnlySpan<float> Floats
        => Type == ElementType.Float ? MemoryMarshal.Cast<byte, float>(Data) : throw new InvalidOperationException($"a {Type} literal has no floats");

    /// <summary>The elements of an int64 literal.</summary>
    public ReadOnlySpan<long> Integers
        => Type == ElementType.Int64 ? MemoryMarshal.Cast<byte, long>(Data) : throw new InvalidOperationException($"a {Type} literal has no integers");

    /// <summary>Single-precision literal.</summary>
    public static Literal Of(ReadOnlySpan<float> values, params long[] sizes) => new(ElementType.Float, sizes, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>64-bit integer literal.</summary>
    public static Literal Of(ReadOnlySpan<long> values, params long[] sizes) => new(ElementType.Int64, sizes, MemoryMarshal.AsBytes(values).ToArray());
}
