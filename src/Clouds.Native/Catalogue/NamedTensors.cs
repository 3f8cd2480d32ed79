using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>The tensors of a file under our names, as a program's table of names and keys in front of all names have it.</summary>
internal sealed class NamedTensors
{
    /// <param name="source">The file.</param>
    /// <param name="map">The program's table.</param>
    /// <param name="below">Keys in front of the names.</param>
    public NamedTensors(WeightSource source, NameMap map, string below)
    {
        (Map, Below) = (map, below);
        List<TensorEntry> doubles = [];
        foreach (TensorEntry tensor in source.Tensors.Values.Where(tensor => tensor.Name.StartsWith(below, StringComparison.Ordinal)))
        {
            if (!ByName.TryAdd(map.Translate(Published(tensor)), tensor))
            {
                doubles.Add(tensor);
            }
        }

        Doubles = doubles;
        Outside = source.Tensors.Count - ByName.Count - doubles.Count;
    }

    /// <summary>The table.</summary>
    public NameMap Map { get; }

    /// <summary>Keys in front of the names, with a dot at their end.</summary>
    public string Below { get; }

    /// <summary>Tensors by our name, in the order of the file; their own names are the file's.</summary>
    public OrderedDictionary<string, TensorEntry> ByName { get; } = new(StringComparer.Ordinal);

    /// <summary>Tensors for which another of the file had our name before.</summary>
    public IReadOnlyList<TensorEntry> Doubles { get; }

    /// <summary>How many tensors do not stand below the keys.</summary>
    public int Outside { get; }

    /// <summary>A tensor's name without the keys.</summary>
    public string Published(TensorEntry tensor) => tensor.Name[Below.Length..];
}
