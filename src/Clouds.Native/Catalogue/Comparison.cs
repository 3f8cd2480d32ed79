using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>The tensors of a file held against the list of a published model; both under our names.</summary>
internal sealed class Comparison
{
    private readonly NamedTensors _named;
    private readonly (ListedTensor Listed, TensorEntry? Found)[] _pairs;

    /// <param name="entry">The model.</param>
    /// <param name="named">The file's tensors, read as the model's program names them.</param>
    public Comparison(CatalogueEntry entry, NamedTensors named)
    {
        (Entry, _named) = (entry, named);
        _pairs = [.. entry.List.Tensors.Select(listed => (listed, named.ByName.GetValueOrDefault(named.Map.Translate(listed.Name))))];
        Matched = _pairs.Count(pair => pair.Found is not null && Fits(pair.Listed, pair.Found));
        Lacking = _pairs.Count(pair => pair.Found is null ? !pair.Listed.Optional : !Fits(pair.Listed, pair.Found));
    }

    /// <summary>The model.</summary>
    public CatalogueEntry Entry { get; }

    /// <summary>Keys in front of the file's names.</summary>
    public string Below => _named.Below;

    /// <summary>Tensors that fit, optional ones included.</summary>
    public int Matched { get; }

    /// <summary>Tensors that every file of the model has and this one has not, or not so.</summary>
    public int Lacking { get; }

    /// <summary>Whether a file so much unlike it is not of this model at all.</summary>
    public bool IsOther => 2 * Lacking > Entry.List.Required;

    /// <summary>How many tensors of the file do not stand below the keys.</summary>
    public int Outside => _named.Outside;

    /// <summary>How many tensors of the file an imported model does without by the model's manifest.</summary>
    public int Left => Candidates.Count(tensor => Entry.List.Ignores(_named.Published(tensor)));

    /// <summary>Our names and the tensors that an imported model takes, in the order of the file.</summary>
    public IEnumerable<(string Name, TensorEntry Tensor)> Taken
    {
        get
        {
            HashSet<TensorEntry> taken = [.. _pairs.Where(pair => !pair.Listed.Ignored && pair.Found is not null).Select(pair => pair.Found!)];
            return _named.ByName.Where(named => taken.Contains(named.Value)).Select(named => (named.Key, named.Value));
        }
    }

    private IEnumerable<TensorEntry> Candidates => _named.ByName.Values.Concat(_named.Doubles);

    /// <summary>Everything that is not as it should be, each with the nearest name.</summary>
    public IReadOnlyList<TensorFault> Faults()
    {
        HashSet<TensorEntry> claimed = [.. _pairs.Where(pair => pair.Found is not null).Select(pair => pair.Found!)];
        Dictionary<string, TensorEntry> unexpected = Candidates.Where(tensor => !claimed.Contains(tensor))
            .Where(tensor => !Entry.List.Ignores(_named.Published(tensor))).ToDictionary(_named.Published, StringComparer.Ordinal);
        ListedTensor[] missing = [.. _pairs.Where(pair => pair.Found is null && !pair.Listed.Optional).Select(pair => pair.Listed)];
        NearestTensor nearest = new(unexpected, missing);
        return
        [
            .. missing.Select(listed => new TensorFault(TensorFaultKind.Missing, listed.Name, null, listed.ToString(), nearest.ToMissing(listed))),
            .. _pairs.Where(pair => pair.Found is not null && !Fits(pair.Listed, pair.Found)).Select(pair => Unlike(pair.Listed, pair.Found!)),
            .. unexpected.Select(tensor => new TensorFault(TensorFaultKind.Unexpected, tensor.Key, $"{tensor.Value}", null, nearest.ToUnexpected(tensor.Key))),
        ];
    }

    private static bool Fits(ListedTensor listed, TensorEntry found) => listed.HasShapeOf(found) && listed.HasTypeOf(found);

    private static TensorFault Unlike(ListedTensor listed, TensorEntry found) =>
        new(listed.HasShapeOf(found) ? TensorFaultKind.MisTyped : TensorFaultKind.MisShaped, listed.Name, $"{found}", $"{listed}", null);
}
