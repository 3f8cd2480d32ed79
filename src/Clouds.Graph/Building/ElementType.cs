namespace Clouds.Graph.Building;

/// <summary>Element type of a tensor; the numbers are those of the ONNX format.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision.</summary>
    Float = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Truth value, one byte.</summary>
    Bool = 9,

    /// <summary>IEEE half precision.</summary>
    Float16 = 10,

    /// <summary>IEEE double precision.</summary>
    Double = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,

    /// <summary>The upper half of a single.</summary>
    BFloat16 = 16,

    /// <summary>8 bits: 4 of exponent, 3 of fraction, no infinities (FLOAT8E4M3FN).</summary>
    Float8E4M3 = 17,

    /// <summary>The upper half of a half (FLOAT8E5M2).</summary>
    Float8E5M2 = 19,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <exception cref="NotSupportedException">The type is none of those named here.</exception>
    public static int ByteSize(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool or ElementType.Float8E4M3 or ElementType.Float8E5M2 => 1,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 or ElementType.UInt16 => 2,
        ElementType.Float or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Double => 8,
        _ => throw new NotSupportedException($"element type {type}"),
    };

    /// <summary>Whether the type holds fractions.</summary>
    public static bool IsFloat(this ElementType type) => type is ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.BFloat16;
}
