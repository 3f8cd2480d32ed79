using System.IO.Compression;
using Clouds.Graph.Weights;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights.Torch;

/// <summary>
/// Writes made-up checkpoints of any size in the containers in which weights are published, an element at a time: what the format is, not how PyTorch gets
/// there.
/// </summary>
internal static class PublishedContainer
{
    private static readonly Dictionary<WeightType, string> Storages = new()
    {
        [WeightType.F32] = "Float", [WeightType.F16] = "Half", [WeightType.I64] = "Long", [WeightType.BF16] = "BFloat16",
    };

    private static readonly Dictionary<WeightType, string> Arrays = new() { [WeightType.F32] = "f4", [WeightType.F16] = "f2", [WeightType.I64] = "i8" };

    /// <summary>What torch.save writes since PyTorch 1.6.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Its tensors.</param>
    /// <param name="key">The key of a checkpoint under which they stand, "model" for instance; null: they are the whole value.</param>
    public static void Zip(string path, IReadOnlyList<TensorDeclaration> tensors, string? key = null) =>
        Archive(path, tensors, Wrapped(Flat(tensors), key), []);

    /// <summary>A TorchScript archive: modules of modules, and code that nobody may run.</summary>
    public static void Script(string path, IReadOnlyList<TensorDeclaration> tensors) => Archive(path, tensors,
        Module([.. tensors.Select((tensor, i) => (tensor.Name, Stored(tensor, i)))]),
        [("archive/constants.pkl", Pickle(Tuple())), ("archive/code/__torch__/net.py", "import os\nos.abort()\n"u8.ToArray())]);

    /// <summary>What torch.save wrote until PyTorch 1.5.</summary>
    public static void Legacy(string path, IReadOnlyList<TensorDeclaration> tensors, string? key = null)
    {
        using FileStream stream = File.Create(path);
        stream.Write(TorchFile.LegacyHead(Wrapped(Flat(tensors), key), tensors.Select((_, i) => $"{i}")));
        foreach (TensorDeclaration tensor in tensors)
        {
            stream.Write(Int64(tensor.Bytes / tensor.Type.Size()));
            Write(stream, tensor);
        }
    }

    /// <summary>detectron2's model zoo: one pickle of NumPy's arrays, protocol 4.</summary>
    public static void Arrayed(string path, IReadOnlyList<TensorDeclaration> tensors, string key)
    {
        using FileStream stream = File.Create(path);
        stream.Write([0x80, 4, (byte)'}', .. Value(key), .. "}("u8]);
        foreach (TensorDeclaration tensor in tensors)
        {
            byte[] dtype = [.. Call("numpy", "dtype", Arrays[tensor.Type], false, true), .. Tuple(3, "<", null, null, null, -1, -1, 0), (byte)'b'];
            byte[] empty = Call("numpy.core.multiarray", "_reconstruct", Global("numpy", "ndarray"), Tuple(0), new byte[] { (byte)'C', 1, (byte)'b' });
            stream.Write([.. Value(tensor.Name), .. empty, (byte)'(', .. Value(1), .. Tuple([.. tensor.Shape.Cast<object>()]), .. dtype, .. Value(false)]);
            stream.Write([0x8E, .. Int64(tensor.Bytes)]);
            Write(stream, tensor);
            stream.Write("tb"u8);
        }

        stream.Write([.. "us"u8, .. Value("__author__"), .. Value("nobody"), .. "s."u8]);
    }

    /// <summary>One safetensors file.</summary>
    public static void Safetensors(string path, IReadOnlyList<TensorDeclaration> tensors)
    {
        using SafetensorsWriter writer = new(path, tensors);
        foreach (TensorDeclaration tensor in tensors)
        {
            foreach (byte[] piece in MadeUpNumbers.Of(tensor))
            {
                writer.Write<byte>(tensor.Name, piece);
            }
        }

        writer.Commit();
    }

    private static void Archive(string path, IReadOnlyList<TensorDeclaration> tensors, byte[] value, (string Name, byte[] Bytes)[] more)
    {
        using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in more.Prepend(("archive/data.pkl", Pickle(value))))
        {
            using Stream member = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            member.Write(bytes);
        }

        foreach ((int i, TensorDeclaration tensor) in tensors.Index())
        {
            using Stream member = archive.CreateEntry($"archive/data/{i}", CompressionLevel.NoCompression).Open();
            Write(member, tensor);
        }
    }

    private static void Write(Stream stream, TensorDeclaration tensor)
    {
        foreach (byte[] piece in MadeUpNumbers.Of(tensor))
        {
            stream.Write(piece);
        }
    }

    private static byte[] Wrapped(byte[] tensors, string? key) => key is null ? tensors : Dict((key, tensors), ("iteration", 39_999), ("optimizer", Dict()));

    private static byte[] Flat(IReadOnlyList<TensorDeclaration> tensors) =>
        Ordered([.. tensors.Select((tensor, i) => ((object)tensor.Name, (object?)Stored(tensor, i)))]);

    private static byte[] Stored(TensorDeclaration tensor, int key)
    {
        int[] strides = new int[tensor.Shape.Count];
        long elements = 1;
        for (int axis = strides.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = (int)elements;
            elements *= tensor.Shape[axis];
        }

        return Tensor(Storage(Storages[tensor.Type], $"{key}", elements), 0, [.. tensor.Shape.Select(extent => (int)extent)], strides);
    }

    // "a.b.c" is the attribute c of the module b of the module a.
    private static byte[] Module(IReadOnlyList<(string Name, byte[] Value)> members) => Made("__torch__.net", "Module", Dict(
    [
        .. members.GroupBy(member => member.Name.Split('.')[0]).Select(group => ((object)group.Key, (object?)(
            group.Count() == 1 && group.First().Name == group.Key
                ? group.First().Value
                : Module([.. group.Select(member => (member.Name[(group.Key.Length + 1)..], member.Value))])))),
        ("training", true),
    ]));
}
