using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// Every tensor of an unpickled value under its name: the keys that lead to it, joined by dots. Lists and tuples have the numbers of their items as keys;
/// a tensor that is the whole value has no key and an empty name.
/// </summary>
internal sealed class TensorTree
{
    private const int Deepest = 200;
    private const int LongestMetadata = 1000;

    // A view may repeat elements. What is read is bounded so that a small file does not mean days of reading.
    private const long FreeBytes = 256L << 20;
    private const int MostCopies = 8;

    private readonly PickleReader _reader;
    private readonly Func<TorchStorage, TorchPlace> _place;
    private readonly Dictionary<object, bool> _visits = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _keys = [];
    private long _bytes;

    private TensorTree(PickleReader reader, long fileBytes, Func<TorchStorage, TorchPlace> place)
    {
        (_reader, _place) = (reader, place);
        _bytes = FreeBytes + (MostCopies * fileBytes);
    }

    /// <summary>The tensors by name.</summary>
    public Dictionary<string, TensorEntry> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Numbers and short texts of the outermost dictionary.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Files in memory that hold what the pickle wrote in another form.</summary>
    public HashSet<MappedFile> Memory { get; } = [];

    /// <summary>Finds the tensors.</summary>
    /// <param name="root">What was unpickled.</param>
    /// <param name="reader">Its pickle, for failures and the account of memory.</param>
    /// <param name="fileBytes">Size of the file.</param>
    /// <param name="place">Where a storage lies.</param>
    public static TensorTree Of(object? root, PickleReader reader, long fileBytes, Func<TorchStorage, TorchPlace> place)
    {
        TensorTree tree = new(reader, fileBytes, place);
        tree.Visit(root);
        tree.Describe(root as PickleObject);
        return tree;
    }

    // Returns whether there are tensors below.
    private bool Visit(object? value)
    {
        switch (value)
        {
            case TorchTensor tensor:
                Add(tensor, _place(tensor.Storage));
                return true;
            case NumpyArray { Elements: (PickleBytes bytes, TorchTensor tensor) }:
                Add(tensor, new TorchPlace(bytes.File, bytes.Offset));
                _ = bytes.File.OnDisk || Memory.Add(bytes.File);
                return true;
            case PickleTuple or PickleObject:
                return Enter(value);
            default:
                return false;
        }
    }

    private bool Enter(object value)
    {
        if (IsClean(value))
        {
            return false;
        }

        if (_keys.Count >= Deepest)
        {
            throw _reader.Refuse("the values of a file hold one another without end, or too deep", $"{Place(6)}...", $"at most {Deepest} levels");
        }

        _reader.Charge(64);
        bool found = value is PickleTuple tuple ? VisitItems(tuple.Items) : VisitObject((PickleObject)value);
        _visits[value] = found;
        return found;
    }

    // Known to hold no tensors.
    private bool IsClean(object value) => _visits.TryGetValue(value, out bool tensors) && !tensors;

    private bool VisitObject(PickleObject holder)
    {
        bool found = holder.Items is not null && VisitItems(holder.Items);
        found |= VisitMembers(holder);
        // Attributes of a module are its own: no key stands between.
        return holder.State switch
        {
            PickleObject { Type: null } attributes => VisitMembers(attributes) || found,
            PickleTuple tuple => VisitItems(tuple.Items) || found,
            _ => found,
        };
    }

    private bool VisitMembers(PickleObject holder)
    {
        bool found = false;
        _reader.Charge(holder.Members?.Count ?? 0);
        for (int i = 0; i < holder.Members?.Count; i++)
        {
            (string key, (object? _, object? value)) = holder.Members.GetAt(i);
            found |= VisitAt(key, value);
        }

        return found;
    }

    private bool VisitItems(IReadOnlyList<object?> items)
    {
        bool found = false;
        _reader.Charge(items.Count);
        for (int i = 0; i < items.Count; i++)
        {
            bool holds = items[i] is TorchTensor or NumpyArray || (items[i] is PickleTuple or PickleObject && !IsClean(items[i]!));
            found |= holds && VisitAt(i.ToString(CultureInfo.InvariantCulture), items[i]);
        }

        return found;
    }

    private bool VisitAt(string key, object? value)
    {
        _keys.Add(key);
        bool found = Visit(value);
        _keys.RemoveAt(_keys.Count - 1);
        return found;
    }

    private void Add(TorchTensor tensor, TorchPlace place)
    {
        string name = Place(_keys.Count);
        _reader.Charge(200 + (2 * name.Length) + (16 * tensor.Shape.Length));
        _bytes -= tensor.Bytes;
        if (_bytes < 0)
        {
            throw _reader.Refuse(
                "the tensors of a file repeat its elements too often", $"'{name}' and those before it", $"at most {MostCopies} times its size");
        }

        if (!Tensors.TryAdd(name, tensor.At(name, place)))
        {
            throw new CloudsException(Failure.Weights, "two tensors of a file have one name", place.File.Path, $"'{name}' twice", "one tensor a name",
                "save the file with keys that differ when they are joined by dots");
        }
    }

    private void Describe(PickleObject? root)
    {
        for (int i = 0; i < root?.Members?.Count; i++)
        {
            (string key, (object? _, object? value)) = root.Members.GetAt(i);
            string? text = value is string or long or double or bool or PickleBytes ? PickleKey.Text(value) : null;
            if (text?.Length <= LongestMetadata)
            {
                Metadata.Add(key, text);
            }
        }
    }

    private string Place(int keys) => string.Join('.', _keys.Take(keys));
}
