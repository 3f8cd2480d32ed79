namespace Clouds.Graph.Weights.Pickle;

/// <summary>A class or function of Python, of which nothing is known but its name.</summary>
/// <param name="Module">Its module.</param>
/// <param name="Name">Its name in the module.</param>
internal sealed record PickleGlobal(string Module, string Name)
{
    /// <summary>Module and name.</summary>
    public string Path { get; } = $"{Module}.{Name}";

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items)
{
    /// <summary>The items as sizes; null where one of them is no whole number from 0 on.</summary>
    public long[]? Sizes() => Array.TrueForAll(Items, item => item is >= 0L) ? [.. Items.Select(item => (long)item!)] : null;
}

/// <summary>A list, a dictionary or an object of a class: whatever holds other values, inert.</summary>
/// <param name="type">Its class; null for lists and dictionaries.</param>
internal sealed class PickleObject(string? type = null)
{
    /// <summary>Memory that an empty one takes.</summary>
    public const int Cost = 56;

    private const int MembersCost = 240;
    private const int ItemCost = 24;
    private const int MemberCost = 96;

    /// <summary>Its class; null for lists and dictionaries.</summary>
    public string? Type { get; } = type;

    /// <summary>What a list, a set, or an object of a class derived from one holds; null while it holds nothing.</summary>
    public List<object?>? Items { get; private set; }

    /// <summary>
    /// What a dictionary, or an object of a class derived from one, holds: keys as text, values with the keys as they were; null while it holds nothing.
    /// </summary>
    public OrderedDictionary<string, (object? Key, object? Value)>? Members { get; private set; }

    /// <summary>What was given to the object to be set up with: mostly a dictionary of attributes.</summary>
    public object? State { get; set; }

    /// <summary>Appends items.</summary>
    public void Append(IReadOnlyCollection<object?> items, PickleReader reader)
    {
        reader.Charge(ItemCost * items.Count);
        Items ??= [];
        Items.AddRange(items);
    }

    /// <summary>Sets a member; one of the same key is replaced.</summary>
    public void Set(object? key, object? value, PickleReader reader)
    {
        reader.Charge(Members is null ? MembersCost + MemberCost : MemberCost);
        Members ??= new(StringComparer.Ordinal);
        string text = PickleKey.Text(key, reader) ?? throw reader.Refuse("a key of a dictionary cannot name anything", $"{key}", "a text or a number");
        if (Members.TryGetValue(text, out (object? Key, object? Value) before) && before.Key?.GetType() != key?.GetType())
        {
            throw reader.Refuse("two keys of a dictionary have one name", $"'{text}' as {before.Key?.GetType().Name} and {key?.GetType().Name}", "one of them");
        }

        Members[text] = (key, value);
    }

    /// <summary>Sets members from pairs that follow one another.</summary>
    public void SetPairs(object?[] pairs, PickleReader reader)
    {
        if (pairs.Length % 2 != 0)
        {
            throw reader.Refuse("a dictionary lacks a value", $"{pairs.Length} keys and values", "pairs");
        }

        for (int i = 0; i < pairs.Length; i += 2)
        {
            Set(pairs[i], pairs[i + 1], reader);
        }
    }
}

/// <summary>A value that nobody asks for; what is put into it is forgotten.</summary>
/// <param name="Type">What Python would have made it with.</param>
internal sealed record PickleData(string Type);
