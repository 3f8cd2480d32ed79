using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>
/// The one owner of weights: tensors by name, mapped from their files and read when asked for, whatever container holds them. Whoever opens a
/// source disposes it, after everything that uses its tensors. Any number of threads may read at once. Nothing in a weight file is ever executed.
/// </summary>
public sealed class WeightSource : IDisposable
{
    // Elements converted at a time: a span holds less than 2 GB, a tensor may have more; of a view with strides so many are copied.
    private const int Piece = 1 << 20;

    internal WeightSource(
        string path, IReadOnlyList<MappedFile> files, IReadOnlyDictionary<string, TensorEntry> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        (Path, Files, Tensors, Metadata) = (path, files, tensors, metadata);
    }

    /// <summary>What was opened, as given: a file, an index of shards, or a folder.</summary>
    public string Path { get; }

    /// <summary>The mapped files, with names that differ.</summary>
    public IReadOnlyList<MappedFile> Files { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>Free-form metadata, the digest of the content aside; of a sharded model those of its first shard.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What the files are, for instance "safetensors" or "PyTorch (zip)".</summary>
    public string Format { get; internal init; } = "";

    /// <summary>Whether the file is an ONNX model, which has a graph beside its weights.</summary>
    public bool IsOnnx => Format == OnnxWeights.Format;

    /// <summary>Whose names the tensors had: a dialect of <see cref="NameMap"/>, or null for our own.</summary>
    public string? Dialect { get; internal init; }

    /// <summary>Keys that stood in front of these names in the file and were left out, with a dot at their end; mostly empty.</summary>
    public string Below { get; internal init; } = "";

    /// <summary>
    /// Opens weights and checks everything that can be checked without reading them; files that carry the digest of their content, as all of ours do,
    /// are read once and have to have it.
    /// </summary>
    /// <param name="path">
    /// A file in any container that <see cref="WeightFile"/> knows by its first bytes: safetensors, what torch.save wrote, TorchScript, ONNX; or an index
    /// "*.index.json" beside its shards; or a folder that holds any of these, "model" and safetensors first; or a name of <see cref="CarriedWeights"/>.
    /// </param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: missing, unreadable, truncated, changed or hostile.</exception>
    public static WeightSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string place = CarriedWeights.PathOf(path);
        string file = Directory.Exists(place) ? WeightFolder.Find(place) : place;
        return file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ShardIndex.Open(path, file) : WeightFile.Open(path, file);
    }

    /// <summary>Opens weights that this or another program wrote, under our names; otherwise as above.</summary>
    /// <param name="path">As above.</param>
    /// <param name="parameters">What the network wants; it tells the dialect.</param>
    public static WeightSource Open(string path, IReadOnlyCollection<Parameter> parameters)
    {
        WeightSource source = Open(path);
        try
        {
            return NameMap.Fit(source, parameters);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The same files with other tensors of them; they belong to the result.</summary>
    /// <param name="tensors">Pieces of these files, under names that differ.</param>
    /// <param name="others">Sources whose files they may be pieces of as well, and belong to the result too.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: two have one name.</exception>
    public WeightSource With(IEnumerable<TensorEntry> tensors, params IReadOnlyList<WeightSource> others)
    {
        Dictionary<string, TensorEntry> named = new(StringComparer.Ordinal);
        foreach (TensorEntry tensor in tensors)
        {
            _ = named.TryAdd(tensor.Name, tensor) ? true
                : throw new CloudsException(Failure.Weights, "two tensors have one name", Path, $"'{tensor.Name}' twice", "one tensor a name");
        }

        // A slash stands in no file's name.
        MappedFile[] files = [.. Files, .. others.SelectMany((other, index) => other.Files.Select(file => file.Called($"{index + 1}/{file.Name}")))];
        return new WeightSource(Path, files, named, Metadata) { Format = Format, Dialect = Dialect, Below = Below };
    }

    /// <summary>One tensor's entry.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: no such tensor; names the nearest.</exception>
    public TensorEntry Entry(string name)
    {
        if (Tensors.TryGetValue(name, out TensorEntry? entry))
        {
            return entry;
        }

        string? near = NearestName.Find(name, Tensors.Keys);
        throw new CloudsException(Failure.Weights, "a tensor is missing", Path,
            near is null ? $"{Tensors.Count} other tensors" : $"'{near}'", $"'{name}'", "choose the weight file that belongs to the network");
    }

    /// <summary>Reads a tensor as float32, whatever type it has in the file; half and bfloat16 exactly.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="values">Receives the elements in C order; exactly as many as the tensor has.</param>
    public void ReadFloats(string name, Span<float> values)
    {
        TensorEntry entry = Entry(name);
        CheckLength(entry, values.Length);
        for (int done = 0; done < values.Length; done += Piece)
        {
            Span<float> piece = values.Slice(done, Math.Min(Piece, values.Length - done));
            WeightConversion.ToFloats(entry.Type, entry.Slice(done, piece.Length), piece);
        }
    }

    /// <summary>Reads a tensor as float32 into an array of its own.</summary>
    public float[] ReadFloats(string name)
    {
        float[] values = new float[Length(Entry(name))];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>Reads a tensor as double.</summary>
    public double[] ReadDoubles(string name)
    {
        TensorEntry entry = Entry(name);
        double[] values = new double[Length(entry)];
        for (int done = 0; done < values.Length; done += Piece)
        {
            int count = Math.Min(Piece, values.Length - done);
            WeightConversion.ToDoubles(entry.Type, entry.Slice(done, count), values.AsSpan(done, count));
        }

        return values;
    }

    /// <summary>Reads a tensor of an integer or boolean type.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the tensor holds fractions.</exception>
    public long[] ReadIntegers(string name)
    {
        TensorEntry entry = Entry(name);
        if (entry.Type.IsFloat())
        {
            throw Unfit("a tensor has another type than it should", entry, "an integer or boolean type");
        }

        long[] values = new long[Length(entry)];
        for (int done = 0; done < values.Length; done += Piece)
        {
            int count = Math.Min(Piece, values.Length - done);
            ReadOnlySpan<byte> bytes = entry.Slice(done, count);
            for (int i = 0; i < count; i++)
            {
                values[done + i] = WeightConversion.Integer(entry.Type, bytes[(i * entry.Type.Size())..]);
            }
        }

        return entry.Type != WeightType.U64 || !values.Any(long.IsNegative) ? values : throw Unfit("a tensor holds too large numbers", entry, "less than 2^63");
    }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        foreach (MappedFile file in Files)
        {
            file.Dispose();
        }
    }

    private int Length(TensorEntry entry) => entry.Elements <= Array.MaxLength
        ? (int)entry.Elements
        : throw Unfit("a tensor is too large for one array", entry, $"at most {Array.MaxLength} elements");

    private void CheckLength(TensorEntry entry, int elements)
    {
        if (elements != entry.Elements)
        {
            throw Unfit("a tensor does not fit where it should go", entry, $"{elements} elements");
        }
    }

    private CloudsException Unfit(string what, TensorEntry entry, string expected) =>
        new(Failure.Weights, what, $"{Path}, tensor '{entry.Name}'", entry.ToString(), expected, "choose the weight file that belongs to the network");
}
