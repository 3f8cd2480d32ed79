using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Graph.Weights;

/// <summary>
/// Opens a model in several files, its shards: the "weight_map" of the index beside them says which shard holds which tensor. Index
/// and shards have to agree, and a shard lies in the folder of the index and nowhere else.
/// </summary>
internal static class ShardIndex
{
    private const string Next = "the index is damaged or hostile: fetch it again from where it came from";

    /// <param name="asked">What the user gave, for messages.</param>
    /// <param name="path">The index.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: index or shards are missing, damaged, hostile, or do not agree.</exception>
    public static WeightSource Open(string asked, string path)
    {
        Dictionary<string, string> shardOf = Read(path);
        string[] names = [.. shardOf.Values.Distinct().Order(StringComparer.Ordinal)];
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        RequireShards(path, folder, names);
        List<WeightSource> shards = [];
        try
        {
            shards.AddRange(names.Select(name => Path.Combine(folder, name)).Select(file => WeightFile.Open(file, file)));
            return new WeightSource(asked, [.. shards.SelectMany(shard => shard.Files)], Merge(path, shardOf, shards), shards[0].Metadata)
            {
                Format = $"{shards[0].Format}, {shards.Count} shards",
            };
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    private static Dictionary<string, string> Read(string path)
    {
        StrictJson map = StrictJson.Parse(Bytes(path), new JsonOrigin("the index of the weight files", path, Failure.Weights, Next)).Get("weight_map");
        Dictionary<string, string> shardOf = new(StringComparer.Ordinal);
        foreach (StrictJson shard in map.Members())
        {
            shardOf.Add(shard.Name!, IsPlain(shard.TextOrEmpty()) ? shard.TextOrEmpty() : throw shard.Wrong("the name of a file beside the index"));
        }

        return shardOf.Count > 0 ? shardOf : throw map.Wrong("tensors with their files");
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            long bytes = new FileInfo(path).Length;
            return bytes <= SafetensorsFile.MaxHeaderBytes
                ? File.ReadAllBytes(path)
                : throw new CloudsException(Failure.Weights, "the index of the weight files is too large for one", path,
                    $"{bytes} bytes", $"at most {SafetensorsFile.MaxHeaderBytes} bytes", Next);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.Weights, "an index of weight files cannot be opened", path, e.Message, "a readable index", "check the path and the permissions", e);
        }
    }

    // No folder, no way up, no drive: the file is one of the index's own folder.
    private static bool IsPlain(string name) => name is not ("" or "." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private static void RequireShards(string path, string folder, string[] names)
    {
        string[] missing = [.. names.Where(name => !File.Exists(Path.Combine(folder, name)))];
        if (missing.Length > 0)
        {
            throw new CloudsException(Failure.Weights, $"{missing.Length} of {names.Length} weight files of the index are missing", path,
                next: "fetch them into the same folder", found: $"no {string.Join(", ", missing)}", expected: "every file of its weight_map");
        }
    }

    private static Dictionary<string, TensorEntry> Merge(string path, Dictionary<string, string> shardOf, List<WeightSource> shards)
    {
        Dictionary<string, TensorEntry> tensors = new(shardOf.Count, StringComparer.Ordinal);
        foreach ((TensorEntry entry, string file) in shards.SelectMany(shard => shard.Tensors.Values.Select(entry => (entry, shard.Files[0].Name))))
        {
            if (!shardOf.TryGetValue(entry.Name, out string? shard))
            {
                continue;
            }

            if (shard != file)
            {
                throw Disagree("a tensor stands in two weight files", path, $"'{entry.Name}' in {file} too", $"in {shard} alone");
            }

            tensors.Add(entry.Name, entry);
        }

        string? absent = shardOf.Keys.FirstOrDefault(name => !tensors.ContainsKey(name));
        return absent is null ? tensors : throw Absent(path, absent, shards.Single(shard => shard.Files[0].Name == shardOf[absent]));
    }

    private static CloudsException Absent(string path, string name, WeightSource shard)
    {
        string? near = NearestName.Find(name, shard.Tensors.Keys);
        string found = near is null ? $"{shard.Tensors.Count} other tensors in {shard.Files[0].Name}" : $"'{near}' in {shard.Files[0].Name}";
        return Disagree("a weight file lacks a tensor of the index", path, found, $"'{name}'");
    }

    private static CloudsException Disagree(string what, string path, string found, string expected) =>
        new(Failure.Weights, what, path, found, expected, "index and weight files are of different models or damaged: fetch all of them again");
}
