using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>Element types of weight files, those with fractions first, named much as safetensors spells them.</summary>
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

    /// <summary>1 bit of sign, 4 of exponent, 3 of fraction; no infinities; 1 byte. Spelled F8_E4M3.</summary>
    F8E4M3,

    /// <summary>The upper half of a half, 1 byte. Spelled F8_E5M2.</summary>
    F8E5M2,

    /// <summary>Signed, 8 bytes.</summary>
    I64,

    /// <summary>Signed, 4 bytes.</summary>
    I32,

    /// <summary>Signed, 2 bytes.</summary>
    I16,

    /// <summary>Signed, 1 byte.</summary>
    I8,

    /// <summary>Unsigned, 8 bytes.</summary>
    U64,

    /// <summary>Unsigned, 4 bytes.</summary>
    U32,

    /// <summary>Unsigned, 2 bytes.</summary>
    U16,

    /// <summary>Unsigned, 1 byte.</summary>
    U8,

    /// <summary>0 or 1 in 1 byte; safetensors writes BOOL.</summary>
    Bool,
}

/// <summary>What the element types weigh and mean.</summary>
public static class WeightTypes
{
    private static readonly WeightType[] All = Enum.GetValues<WeightType>();

    /// <summary>Bytes an element takes in a file.</summary>
    public static int Size(this WeightType type) => type switch
    {
        WeightType.F64 or WeightType.I64 or WeightType.U64 => 8,
        WeightType.F32 or WeightType.I32 or WeightType.U32 => 4,
        WeightType.F16 or WeightType.BF16 or WeightType.I16 or WeightType.U16 => 2,
        WeightType.F8E4M3 or WeightType.F8E5M2 or WeightType.I8 or WeightType.U8 or WeightType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Whether the type holds fractions; otherwise it holds whole numbers or truth values.</summary>
    public static bool IsFloat(this WeightType type) => type <= WeightType.F8E5M2;

    /// <summary>The same type in a graph.</summary>
    public static ElementType InGraph(this WeightType type) => type switch
    {
        WeightType.F64 => ElementType.Double,
        WeightType.F32 => ElementType.Float,
        WeightType.F16 => ElementType.Float16,
        WeightType.BF16 => ElementType.BFloat16,
        WeightType.F8E4M3 => ElementType.Float8E4M3,
        WeightType.F8E5M2 => ElementType.Float8E5M2,
        WeightType.I64 => ElementType.Int64,
        WeightType.I32 => ElementType.Int32,
        WeightType.I16 => ElementType.Int16,
        WeightType.I8 => ElementType.Int8,
        WeightType.U64 => ElementType.UInt64,
        WeightType.U32 => ElementType.UInt32,
        WeightType.U16 => ElementType.UInt16,
        WeightType.U8 => ElementType.UInt8,
        WeightType.Bool => ElementType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Bytes of a tensor; null where an extent is negative or the product does not fit 63 bits.</summary>
    public static long? ByteCount(this WeightType type, IReadOnlyList<long> shape)
    {
        if (shape.Any(long.IsNegative))
        {
            return null;
        }

        Int128 bytes = shape.Contains(0) ? 0 : type.Size();
        for (int axis = 0; axis < shape.Count && bytes > 0 && bytes <= long.MaxValue; axis++)
        {
            bytes *= shape[axis];
        }

        return bytes <= long.MaxValue ? (long)bytes : null;
    }

    /// <summary>The type as safetensors spells it.</summary>
    public static string Spelling(this WeightType type) => type switch
    {
        WeightType.Bool => "BOOL",
        WeightType.F8E4M3 => "F8_E4M3",
        WeightType.F8E5M2 => "F8_E5M2",
        _ => type.ToString(),
    };

    /// <summary>The type that safetensors spells so; null where it is none that is read here.</summary>
    public static WeightType? Parse(string? spelling) => First(type => type.Spelling() == spelling);

    /// <summary>Every spelling, for messages.</summary>
    internal static string Spellings => string.Join(", ", All.Select(Spelling));

    /// <summary>The type of a tensor of a graph; null where weight files have none such.</summary>
    internal static WeightType? Of(ElementType type) => First(known => known.InGraph() == type);

    private static WeightType? First(Predicate<WeightType> fits) => Array.Find(All, fits) is WeightType type && fits(type) ? type : null;
}
