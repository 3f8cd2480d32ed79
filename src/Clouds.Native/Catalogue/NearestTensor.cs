using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>
/// What a missing or unexpected tensor was probably meant to be. Finding it compares with all others, so it is done for the first of each kind only, and
/// not at all among very many.
/// </summary>
/// <param name="unexpected">Tensors of the file that nobody wants.</param>
/// <param name="missing">Tensors that the file lacks.</param>
internal sealed class NearestTensor(IReadOnlyDictionary<string, TensorEntry> unexpected, IReadOnlyList<ListedTensor> missing)
{
    private const int Most = 16;
    private const int MostOthers = 5000;

    private readonly bool _many = unexpected.Count > MostOthers || missing.Count > MostOthers;
    private int _missing;
    private int _unexpected;

    /// <summary>The nearest name in the file, one of the same shape before all others; null where none is near.</summary>
    public string? ToMissing(ListedTensor listed) => _many || ++_missing > Most ? null
        : NearestName.Find(listed.Name, unexpected.Where(tensor => listed.HasShapeOf(tensor.Value)).Select(tensor => tensor.Key))
            ?? NearestName.Find(listed.Name, unexpected.Keys);

    /// <summary>The nearest name that the file lacks; null where none is near.</summary>
    public string? ToUnexpected(string name) => _many || ++_unexpected > Most ? null : NearestName.Find(name, missing.Select(listed => listed.Name));
}
