namespace Clouds.Graph.Weights.Torch;

/// <summary>PyTorch's names of element types: of its storages, "torch.FloatStorage", and of its tensors, "torch.float32".</summary>
internal static class TorchTypes
{
    private static readonly Dictionary<string, WeightType> Storages = new(StringComparer.Ordinal)
    {
        ["Double"] = WeightType.F64,
        ["Float"] = WeightType.F32,
        ["Half"] = WeightType.F16,
        ["BFloat16"] = WeightType.BF16,
        ["Long"] = WeightType.I64,
        ["Int"] = WeightType.I32,
        ["Short"] = WeightType.I16,
        ["Char"] = WeightType.I8,
        ["Byte"] = WeightType.U8,
        ["Bool"] = WeightType.Bool,
        ["Untyped"] = WeightType.U8,
        ["_Untyped"] = WeightType.U8,
    };

    private static readonly Dictionary<string, WeightType> Tensors = new(StringComparer.Ordinal)
    {
        ["float64"] = WeightType.F64,
        ["float32"] = WeightType.F32,
        ["float16"] = WeightType.F16,
        ["bfloat16"] = WeightType.BF16,
        ["float8_e4m3fn"] = WeightType.F8E4M3,
        ["float8_e5m2"] = WeightType.F8E5M2,
        ["int64"] = WeightType.I64,
        ["int32"] = WeightType.I32,
        ["int16"] = WeightType.I16,
        ["int8"] = WeightType.I8,
        ["uint64"] = WeightType.U64,
        ["uint32"] = WeightType.U32,
        ["uint16"] = WeightType.U16,
        ["uint8"] = WeightType.U8,
        ["bool"] = WeightType.Bool,
    };

    // Known, so that they can be named when they are refused; a file may also mention them without having any such tensor.
    private static readonly HashSet<string> Unread = new(
        ["complex32", "complex64", "complex128", "chalf", "cfloat", "cdouble", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
            "qint8", "quint8", "qint32", "quint4x2", "quint2x4", "bits8", "bits16"], StringComparer.Ordinal);

    private static readonly string[] Homes = ["torch.storage.", "torch.cuda.", "torch."];

    /// <summary>The element type of a storage's class; null where it is none that is read here.</summary>
    public static WeightType? OfStorage(string? path) => Stem(path) is string stem && Storages.TryGetValue(stem, out WeightType type) ? type : null;

    /// <summary>The element type of a dtype; null where it is none that is read here.</summary>
    public static WeightType? OfTensor(string? path) => path?.StartsWith("torch.", StringComparison.Ordinal) == true
        && Tensors.TryGetValue(path["torch.".Length..], out WeightType type) ? type : null;

    /// <summary>Whether a name is that of a storage or a dtype, read here or not.</summary>
    public static bool Knows(string path) => Stem(path) is not null || OfTensor(path) is not null
        || (path.StartsWith("torch.", StringComparison.Ordinal) && Unread.Contains(path["torch.".Length..]));

    // "Float" of "torch.FloatStorage".
    private static string? Stem(string? path)
    {
        string? home = path?.EndsWith("Storage", StringComparison.Ordinal) == true
            ? Homes.FirstOrDefault(home => path.StartsWith(home, StringComparison.Ordinal))
            : null;
        return home is null ? null : path![home.Length..^"Storage".Length];
    }
}
