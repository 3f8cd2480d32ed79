namespace Clouds.Graph.Weights.Pickle;

/// <summary>The values that a pickle remembers by numbers, which mostly follow one another.</summary>
internal sealed class PickleMemo(PickleReader reader)
{
    private const int RowCost = 24;
    private const int LooseCost = 80;

    private readonly List<object?> _rows = [];
    private readonly Dictionary<uint, object?> _loose = [];

    /// <summary>Remembers a value under the next number.</summary>
    public void Add(object? value) => Put((uint)(_rows.Count + _loose.Count), value);

    public void Put(uint index, object? value)
    {
        if (index < _rows.Count)
        {
            _rows[(int)index] = value;
        }
        else if (index == _rows.Count)
        {
            reader.Charge(RowCost);
            _rows.Add(value);
        }
        else
        {
            reader.Charge(LooseCost);
            _loose[index] = value;
        }
    }

    /// <exception cref="Diagnostics.CloudsException">Weights: nothing was remembered under the number.</exception>
    public object? Get(uint index) =>
        index < _rows.Count ? _rows[(int)index]
        : _loose.TryGetValue(index, out object? value) ? value
        : throw reader.Refuse("a pickle recalls what it never remembered", $"number {index}", $"a number below {_rows.Count}");
}
