using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>What the names in PyTorch's pickles mean: tensors on storages, containers, and data that nobody asks for.</summary>
/// <param name="reader">The pickle, for failures and the account of memory.</param>
/// <param name="script">Whether classes of TorchScript may occur: objects that hold a module's attributes.</param>
internal sealed class TorchBuilder(PickleReader reader, bool script) : IPickleBuilder
{
    private const int Cost = 160;
    private const string ScriptClasses = "__torch__.";

    private readonly Dictionary<string, TorchStorage> _storages = new(StringComparer.Ordinal);

    /// <summary>The storages that the pickle named, by key.</summary>
    public IReadOnlyDictionary<string, TorchStorage> Storages => _storages;

    /// <inheritdoc/>
    public PickleGlobal Find(string module, string name)
    {
        reader.Charge(Cost + (2 * (module.Length + name.Length)));
        PickleGlobal global = new(module, name);
        return IsKnown(global.Path) ? global : throw Unknown(global.Path);
    }

    /// <inheritdoc/>
    public object? Make(object? type, object? arguments)
    {
        (string path, object?[] items) = Callee(type, arguments);
        return path switch
        {
            "torch._tensor._rebuild_from_type_v2" when items is [object func, _, object inner, ..] => Made(Callee(func, inner)),
            "torch._tensor._rebuild_from_type" when items is [object func, _, object inner, ..] => Made(Callee(func, inner)),
            _ when TorchGlobals.IsReconstructor(path) && items.Length > 0 => Made(Callee(items[0], new PickleTuple(items[1..]))),
            _ => Made((path, items)),
        };
    }

    /// <inheritdoc/>
    public void SetUp(object? made, object? state)
    {
        switch (made)
        {
            case PickleObject { Type: not null } module:
                module.State = state;
                break;
            case NumpyType type:
                type.SetUp(state);
                break;
            case NumpyArray array:
                array.SetUp(state);
                break;
            default:
                // Attributes of dictionaries and tensors, such as the versions of modules, are not weights.
                break;
        }
    }

    /// <inheritdoc/>
    public object Load(object? id)
    {
        if (id is not PickleTuple { Items: [object kind, PickleGlobal type, object name, _, >= 0L, ..] items } || PickleKey.Text(kind) != "storage"
            || PickleKey.Text(name, reader) is not string key)
        {
            throw Malformed("a storage of the pickle is not described as PyTorch describes them", $"{(id as PickleTuple)?.Items.FirstOrDefault() ?? id}");
        }

        WeightType element = TorchTypes.OfStorage(type.Path) ?? throw Unread(type.Path);
        TorchStorage storage = new(key, element, (long)items[4]!);
        reader.Charge(Cost);
        if (!_storages.TryAdd(key, storage) && _storages[key] != storage)
        {
            throw Malformed("one storage of the pickle is described in two ways",
                $"'{key}': {storage.Elements} x {element} and {_storages[key].Elements} x {_storages[key].Type}");
        }

        return items.Length > 5 && items[5] is not null ? View(storage, items[5]) : _storages[key];
    }

    private object? Made((string Path, object?[] Items) call) => call.Path switch
    {
        "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" => Tensor(call.Items, null),
        "torch._utils._rebuild_tensor_v3" => Tensor(
            call.Items, call.Items.ElementAtOrDefault(6) as PickleGlobal ?? throw Malformed("a tensor has no type", null)),
        _ when TorchGlobals.IsWrapper(call.Path) => call.Items.Length > 0 ? call.Items[0] : new PickleTuple([]),
        _ when TorchGlobals.IsContainer(call.Path) => Container(call.Path, call.Items),
        _ when Numpy.Knows(call.Path) => Numpy.Make(call.Path, call.Items, reader),
        _ when IsScript(call.Path) => Module(call.Path, call.Items),
        _ when TorchGlobals.IsData(call.Path) => Data(call.Path),
        _ => throw Unknown(call.Path),
    };

    private TorchTensor Tensor(object?[] items, PickleGlobal? dtype)
    {
        if (items is not [TorchStorage storage, object offset, PickleTuple shape, PickleTuple strides, ..])
        {
            throw Malformed("a tensor of the pickle is not described as PyTorch describes them", $"{items.Length} values");
        }

        WeightType type = dtype is null ? storage.Type : TorchTypes.OfTensor(dtype.Path) ?? throw Unread(dtype.Path);
        reader.Charge(Cost);
        return TorchTensor.Of(storage, type, offset, shape.Sizes(), strides.Sizes())
            ?? throw Malformed("a tensor does not lie within its storage",
                $"offset {offset}, shape [{string.Join(", ", shape.Items)}], strides [{string.Join(", ", strides.Items)}]",
                $"a view of the {storage.Elements} elements of storage '{storage.Key}'");
    }

    // (key of the part, first element, elements)
    private TorchStorage View(TorchStorage storage, object? part) =>
        part is PickleTuple { Items: [_, >= 0L, >= 0L] items } && (Int128)(long)items[1]! + (long)items[2]! <= storage.Elements
            ? storage with { Start = (long)items[1]!, Elements = (long)items[2]! }
            : throw Malformed("a part of a storage does not lie within it", null, $"a part of the {storage.Elements} elements of storage '{storage.Key}'");

    // Made empty, from pairs, or from items.
    private PickleObject Container(string path, object?[] arguments)
    {
        PickleObject container = new();
        reader.Charge(PickleObject.Cost);
        IReadOnlyList<object?> items = arguments.FirstOrDefault() switch
        {
            PickleObject { Items: List<object?> list } => list,
            PickleTuple tuple => tuple.Items,
            _ => [],
        };
        if (path.EndsWith("OrderedDict", StringComparison.Ordinal) || path.EndsWith(".dict", StringComparison.Ordinal))
        {
            foreach (object? pair in items)
            {
                container.SetPairs(pair is PickleTuple two ? two.Items : [.. (pair as PickleObject)?.Items ?? []], reader);
            }
        }
        else
        {
            container.Append([.. items], reader);
        }

        return container;
    }

    private PickleObject Module(string path, object?[] items)
    {
        reader.Charge(PickleObject.Cost);
        PickleObject module = new(path);
        module.Append(items, reader);
        return module;
    }

    private PickleData Data(string path)
    {
        reader.Charge(PickleBytes.Cost);
        return new PickleData(path);
    }

    private (string Path, object?[] Items) Callee(object? type, object? arguments) => (type, arguments) is (PickleGlobal global, PickleTuple tuple)
        ? (global.Path, tuple.Items)
        : throw Malformed("a pickle calls something that is no class or function", $"{type}");

    private bool IsScript(string path) => script && path.StartsWith(ScriptClasses, StringComparison.Ordinal);

    private bool IsKnown(string path) => TorchGlobals.IsData(path) || TorchGlobals.IsContainer(path) || TorchGlobals.IsWrapper(path)
        || TorchGlobals.IsReconstructor(path) || TorchGlobals.IsRebuilder(path) || Numpy.Knows(path) || IsScript(path);

    private Diagnostics.CloudsException Unknown(string path) => reader.Refuse(
        "the file asks for Python code that no checkpoint of weights needs; nothing was run", path, "tensors, containers, numbers and texts",
        "do not open this file in Python if you do not trust its author; otherwise save model.state_dict() alone");

    private Diagnostics.CloudsException Unread(string path) => reader.Refuse(
        "the elements of a tensor are of a type that is not read", path, WeightTypes.Spellings, "save the file without it, or converted to one of these");

    private Diagnostics.CloudsException Malformed(string what, string? found, string? expected = null) => reader.Refuse(what, found, expected);
}
