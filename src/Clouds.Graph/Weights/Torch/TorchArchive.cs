using Clouds.Diagnostics;
using Clouds.Graph.Weights.Pickle;

namespace Clouds.Graph.Weights.Torch;

/// <summary>
/// Opens what torch.save writes since PyTorch 1.6, and TorchScript archives: a zip archive with a pickle, "data.pkl", and one member a storage. The code in
/// TorchScript archives is neither read nor run.
/// </summary>
internal static class TorchArchive
{
    private const string Pickle = "data.pkl";

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="file">The file; it belongs to the result.</param>
    /// <exception cref="CloudsException">Weights: damaged, hostile, or not written by PyTorch.</exception>
    public static WeightSource Open(string asked, MappedFile file)
    {
        List<MappedFile> files = [file];
        try
        {
            ZipMembers members = new(file);
            string root = Root(file, members);
            CheckByteOrder(file, members, root, files);
            bool script = members.Has(root + "constants.pkl") || members.Names.Any(name => name.StartsWith(root + "code/", StringComparison.Ordinal));
            TensorTree tree = Read(file, members, root, script, files);
            return new WeightSource(asked, [.. files.Union(tree.Memory)], tree.Tensors, tree.Metadata) { Format = script ? "TorchScript" : "PyTorch (zip)" };
        }
        catch
        {
            files.Skip(1).ToList().ForEach(memory => memory.Dispose());
            throw;
        }
    }

    private static TensorTree Read(MappedFile file, ZipMembers members, string root, bool script, List<MappedFile> files)
    {
        string name = root + Pickle;
        TorchPlace place = members.Place([name], files)[name];
        PickleReader reader = new($"{file.Path}, {name}", place.File, place.Offset, members.Length(name), file.Bytes);
        TorchBuilder builder = new(reader, script);
        object? value = new PickleMachine(reader, builder).Run();
        foreach (TorchStorage storage in builder.Storages.Values)
        {
            long bytes = members.Length(Member(root, storage));
            if (bytes != storage.Bytes)
            {
                throw new CloudsException(Failure.Weights, "a storage is of another length than the pickle says", $"{file.Path}, {Member(root, storage)}",
                    $"{bytes} bytes", $"{storage.Elements} elements of {storage.Type.Spelling()}", PickleReader.Damaged);
            }
        }

        Dictionary<string, TorchPlace> places = members.Place([.. builder.Storages.Values.Select(storage => Member(root, storage))], files);
        return TensorTree.Of(value, reader, file.Bytes, storage => places[Member(root, storage)]);
    }

    private static string Member(string root, TorchStorage storage) => $"{root}data/{storage.Key}";

    // The archive's own name, with a slash: "archive/".
    private static string Root(MappedFile file, ZipMembers members)
    {
        string? pickle = members.Names.Where(name => name == Pickle || name.EndsWith("/" + Pickle, StringComparison.Ordinal)).MinBy(name => name.Length);
        string found = members.Names.Any(name => name.EndsWith("model.json", StringComparison.Ordinal)) ? "TorchScript of PyTorch 1.1 or older"
            : members.Names.Any(name => name.EndsWith(".npy", StringComparison.Ordinal)) ? "arrays of NumPy"
            : $"{members.Names.Count} other members";
        return pickle?[..^Pickle.Length] ?? throw new CloudsException(Failure.Weights, "the zip archive is not one of PyTorch's", file.Path, found,
            $"a member {Pickle}", "save the weights as safetensors or with torch.save");
    }

    private static void CheckByteOrder(MappedFile file, ZipMembers members, string root, List<MappedFile> files)
    {
        string name = root + "byteorder";
        if (!members.Has(name))
        {
            return;
        }

        TorchPlace place = members.Place([name], files)[name];
        if (!place.File.Span(place.Offset, (int)Math.Min(members.Length(name), 6)).SequenceEqual("little"u8))
        {
            throw new CloudsException(Failure.Weights, "the file has the most significant bytes of its numbers first", file.Path, "big-endian", "little-endian",
                "save it on a little-endian machine");
        }
    }
}
