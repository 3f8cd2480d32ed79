namespace Clouds.Graph.Building;

/// <summary>Element type of a tensor; the numbers are those of the ONNX format.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision.</summary>
    Float = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

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
}
