using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>Element types of weight files, named as safetensors spells them.</summary>
public enum WeightType
{
    /// <summary>IEEE 754 double, 8 bytes.</summary>
    F64,

    /// <summary>IEEE 754 single, 4 bytes.</summary>
    F32,

    /// <summary>IEEE 754 half, 2 bytes.</summary>
    F16,

    /// <summary>The upper half of a single, 2 bytes.</summary>
    BF16,

    /// <summary>Signed, 8 bytes.</summary>
    I64,

    /// <summary>Signed, 4 bytes.</summary>
    I32,

    /// <summary>Signed, 2 bytes.</summary>
    I16,

    /// <summary>Signed, 1 byte.</summary>
    I8,

    /// <summary>Unsigned, 1 byte.</summary>
    U8,

    /// <summary>0 or 1 in 1 byte; safetensors writes BOOL.</summary>
    Bool,
}

/// <summary>What the element types weigh and mean.</summary>
public static class WeightTypes
{
    /// <summary>Bytes an element takes in a file.</summary>
    public static int Size(this WeightType type) => type switch
    {
        WeightType.F64 or WeightType.I64 => 8,
        WeightType.F32 or WeightType.I32 => 4,
        WeightType.F16 or WeightType.BF16 or WeightType.I16 => 2,
        WeightType.I8 or WeightType.U8 or WeightType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Whether the type holds fractions; otherwise it holds whole numbers or truth values.</summary>
    public static bool IsFloat(this WeightType type) => type is WeightType.F64 or WeightType.F32 or WeightType.F16 or WeightType.BF16;

    /// <summary>The same type in a graph.</summary>
    public static ElementType InGraph(this WeightType type) => type switch
    {
        WeightType.F64 => ElementType.Double,
        WeightType.F32 => ElementType.Float,
        WeightType.F16 => ElementType.Float16,
        WeightType.BF16 => ElementType.BFloat16,
        WeightType.I64 => ElementType.Int64,
        WeightType.I32 => ElementType.Int32,
        WeightType.I16 => ElementType.Int16,
        WeightType.I8 => ElementType.Int8,
        WeightType.U8 => ElementType.UInt8,
        WeightType.Bool => ElementType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal static string Spelling(this WeightType type) => type == WeightType.Bool ? "BOOL" : type.ToString();

    internal static WeightType? Parse(string? spelling) => spelling switch
    {
        "F64" => WeightType.F64,
        "F32" => WeightType.F32,
        "F16" => WeightType.F16,
        "BF16" => WeightType.BF16,
        "I64" => WeightType.I64,
        "I32" => WeightType.I32,
        "I16" => WeightType.I16,
        "I8" => WeightType.I8,
        "U8" => WeightType.U8,
        "BOOL" => WeightType.Bool,
        _ => null,
    };
}
