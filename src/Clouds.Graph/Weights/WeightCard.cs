namespace Clouds.Graph.Weights;

/// <summary>What a weight file says of itself, told without reading its tensors.</summary>
/// <param name="Path">What was opened.</param>
/// <param name="Format">The container, for instance "safetensors" or "PyTorch (zip)".</param>
/// <param name="Bytes">Size of its files on the disk, those beside it included.</param>
/// <param name="Dialect">Whose names the tensors have: a table of models/names; null where none knows them.</param>
/// <param name="Below">Keys in front of these names, with a dot at their end; empty where there are none.</param>
/// <param name="Licence">The licence that the metadata name; null where they name none.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Parameters">Number of their elements; elements that tensors share are counted for each.</param>
/// <param name="Dtypes">Tensors, elements and bytes of each element type.</param>
/// <param name="Metadata">Free-form metadata; of PyTorch's files the numbers and short texts of the outermost dictionary.</param>
public sealed record WeightCard(
    string Path, string Format, long Bytes, string? Dialect, string Below, string? Licence, int Tensors, long Parameters, IReadOnlyList<DtypeCount> Dtypes,
    IReadOnlyDictionary<string, string> Metadata)
{
    private static readonly string[] LicenceKeys = ["licence", "license", "modelspec.license", "spdx", "spdx_license"];

    /// <summary>The card of an opened file.</summary>
    public static WeightCard Of(WeightSource source)
    {
        (string dialect, string below)? names = NameMap.Recognise(source.Tensors.Keys);
        DtypeCount[] dtypes = [.. source.Tensors.Values.GroupBy(tensor => tensor.Type).OrderBy(type => type.Key)
            .Select(type => new DtypeCount(type.Key.Spelling(), type.Count(), type.Sum(tensor => tensor.Elements), type.Sum(tensor => tensor.Bytes)))];
        string? licence = source.Metadata.FirstOrDefault(entry => LicenceKeys.Contains(entry.Key, StringComparer.OrdinalIgnoreCase)).Value;
        return new WeightCard(source.Path, source.Format, source.Files.Sum(file => file.OnDisk ? file.Bytes : 0), names?.dialect, names?.below ?? "", licence,
            source.Tensors.Count, dtypes.Sum(dtype => dtype.Parameters), dtypes, source.Metadata);
    }
}

/// <summary>How much of a file has one element type.</summary>
/// <param name="Dtype">The type, as safetensors spells it.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Parameters">Number of elements.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record DtypeCount(string Dtype, int Tensors, long Parameters, long Bytes);
