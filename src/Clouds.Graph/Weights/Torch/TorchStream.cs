using System.Buffers.Binary;
using Clouds.Diagnostics;
using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// Opens what torch.save wrote until PyTorch 1.5, and since then where it is asked to: five pickles, one behind the other (a magic number, a version, the
/// machine's byte order, the value, the keys of its storages), and the storages, each behind its length. A file that is one other pickle is read too.
/// </summary>
internal sealed class TorchStream
{
    private readonly MappedFile _file;
    private readonly PickleReader _reader;
    private readonly TorchBuilder _builder;

    private TorchStream(MappedFile file)
    {
        _file = file;
        _reader = new PickleReader(file.Path, file, 0, file.Bytes, file.Bytes);
        _builder = new TorchBuilder(_reader, script: false);
    }

    private static ReadOnlySpan<byte> Magic => [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="file">The file; it belongs to the result.</param>
    /// <exception cref="CloudsException">Weights: damaged or hostile.</exception>
    public static WeightSource Open(string asked, MappedFile file) => new TorchStream(file).Read(asked);

    private WeightSource Read(string asked)
    {
        object? first = Unpickle();
        bool torch = first is PickleBytes magic && magic.Span().SequenceEqual(Magic);
        TensorTree tree = torch ? ReadTorch() : TensorTree.Of(first, _reader, _file.Bytes, storage => throw Lost(storage));
        return new WeightSource(asked, [_file, .. tree.Memory], tree.Tensors, tree.Metadata) { Format = torch ? "PyTorch (legacy)" : "pickle" };
    }

    private TensorTree ReadTorch()
    {
        Unpickle();
        CheckByteOrder(Unpickle() as PickleObject);
        object? value = Unpickle();
        IReadOnlyList<object?> keys = (Unpickle() as PickleObject)?.Items ?? [];
        Dictionary<string, TorchPlace> places = Place(keys);
        return TensorTree.Of(value, _reader, _file.Bytes, storage => places.TryGetValue(storage.Key, out TorchPlace? place) ? place : throw Lost(storage));
    }

    private Dictionary<string, TorchPlace> Place(IReadOnlyList<object?> keys)
    {
        Dictionary<string, TorchPlace> places = new(StringComparer.Ordinal);
        foreach (object? key in keys)
        {
            if (PickleKey.Text(key) is not string text || !_builder.Storages.TryGetValue(text, out TorchStorage? storage))
            {
                throw _reader.Refuse("the file has a storage that no tensor is in", $"{key}", $"one of {_builder.Storages.Count} storages");
            }

            long elements = _reader.Int64();
            PickleBytes bytes = elements == storage.Elements && storage.Bytes <= long.MaxValue
                ? _reader.Bytes((long)storage.Bytes)
                : throw _reader.Refuse(
                    "a storage is of another length than the pickle says", $"{elements} elements", $"{storage.Elements} in storage '{text}'");
            places[text] = new TorchPlace(_file, bytes.Offset);
        }

        return places;
    }

    private void CheckByteOrder(PickleObject? machine)
    {
        if (machine?.Members?.TryGetValue("little_endian", out (object? Key, object? Value) little) == true && little.Value is false)
        {
            throw _reader.Refuse(
                "the file has the most significant bytes of its numbers first", "big-endian", "little-endian", "save it on a little-endian machine");
        }
    }

    private object? Unpickle() => new PickleMachine(_reader, _builder).Run();

    private CloudsException Lost(TorchStorage storage) =>
        _reader.Refuse("the file lacks the elements of a tensor", $"no storage '{storage.Key}'", "every storage that its pickle names");
}
