namespace Clouds.Runtime.CustomOps;

/// <summary>Element types of tensors, numbered as in the C interface of ONNX Runtime.</summary>
internal enum ElementType
{
    /// <summary>Any type; the kernel looks for itself.</summary>
    Any = 0,

    /// <summary>32-bit float.</summary>
    Float = 1,

    /// <summary>Unsigned byte.</summary>
    Byte = 2,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,
}
