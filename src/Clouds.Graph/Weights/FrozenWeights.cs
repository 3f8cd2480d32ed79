using System.Runtime.InteropServices;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Weights;

/// <summary>
/// Parameters that do not change while graphs run. They become constants of every model that is written with them, which lets the runtime lay
/// them out for its kernels; their elements stay in the mapped files, in the type that they have there.
/// </summary>
public sealed class FrozenWeights : IDisposable
{
    // A touched page brings its neighbours along, up to 2 MB: small tensors between large ones would hold the large ones in memory.
    private const long SmallBytes = 64 * 1024;

    // Of the addresses that kernels like.
    private const long Alignment = 64;

    private readonly List<MappedFile> _files;

    private FrozenWeights(WeightSource source, IEnumerable<TensorEntry> tensors)
    {
        _files = [.. source.Files];
        Tensors = Settle([.. tensors]);
        Elements = Tensors.ToDictionary(
            tensor => tensor.Name, object (tensor) => new ExternalData(tensor.File.Name, tensor.Offset, tensor.Bytes, tensor.Type.InGraph()));
    }

    /// <summary>The mapped files, with names that differ.</summary>
    public IReadOnlyList<MappedFile> Files => _files;

    /// <summary>The parameters' tensors, in the order in which the parameters were given; of those that nobody reads, the ones that are there.</summary>
    public IReadOnlyList<TensorEntry> Tensors { get; }

    /// <summary>An <see cref="ExternalData"/> by parameter name, for <see cref="OnnxModel.Write"/>.</summary>
    public IReadOnlyDictionary<string, object> Elements { get; }

    /// <summary>The parameters of a network from a source, which belongs to the result from now on, and is closed where it does not fit.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the source does not fit; Numeric: an element is not finite.</exception>
    public static FrozenWeights From(WeightSource source, IReadOnlyCollection<Parameter> parameters)
    {
        try
        {
            WeightMatch.Require(source, parameters);
            TensorEntry[] tensors = [.. parameters.Where(p => p.IsRead || source.Tensors.ContainsKey(p.Name)).Select(p => source.Entry(p.Name))];
            FiniteWeights.Require(source, tensors);
            return new FrozenWeights(source, tensors);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The parameters of a network from a file, an index of shards or a folder, in any dialect of <see cref="NameMap"/>.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: it cannot be opened, or does not fit; Numeric: an element is not finite.</exception>
    public static FrozenWeights Open(string path, IReadOnlyCollection<Parameter> parameters) => From(WeightSource.Open(path, parameters), parameters);

    /// <summary>
    /// Start values of a network's parameters, in memory: for a network that is to be looked at before anybody has trained it. What nobody reads
    /// is left out.
    /// </summary>
    /// <param name="parameters">The network's.</param>
    /// <param name="seed">As for <see cref="Parameter.Initialize(ulong)"/>.</param>
    public static FrozenWeights Drawn(IReadOnlyCollection<Parameter> parameters, ulong seed)
    {
        Parameter[] read = [.. parameters.Where(parameter => parameter.IsRead)];
        long[] places = new long[read.Length + 1];
        for (int i = 0; i < read.Length; i++)
        {
            places[i + 1] = places[i] + ((read[i].Shape.ElementCount * sizeof(float) + Alignment - 1) / Alignment * Alignment);
        }

        MappedFile block = MappedFile.InMemory("drawn/", places[^1]);
        TensorEntry Draw(Parameter parameter, long place)
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(parameter.Initialize(seed));
            bytes.CopyTo(block.Writable(place, bytes.Length));
            return new TensorEntry(parameter.Name, WeightType.F32, parameter.Shape.Sizes, block, place, bytes.Length);
        }

        Dictionary<string, TensorEntry> tensors = read.Zip(places, Draw).ToDictionary(tensor => tensor.Name);
        return new FrozenWeights(new WeightSource("drawn weights", [block], tensors, new Dictionary<string, string>()), tensors.Values);
    }

    /// <summary>As <see cref="MappedFile.RequireUnchanged"/>, for all files.</summary>
    public void RequireUnchanged() => _files.ForEach(file => file.RequireUnchanged());

    /// <summary>Unmaps the files; sessions that use them are disposed before.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    // Small tensors, those that are not aligned as kernels want it and no format promises it, and views with strides move into one block of memory.
    private TensorEntry[] Settle(TensorEntry[] tensors)
    {
        Dictionary<string, long> places = [];
        long bytes = 0;
        foreach (TensorEntry tensor in tensors.Where(Moves))
        {
            places.Add(tensor.Name, bytes);
            bytes += (tensor.Bytes + Alignment - 1) / Alignment * Alignment;
        }

        if (bytes == 0)
        {
            return tensors;
        }

        // A slash stands in no file's name.
        MappedFile block = MappedFile.InMemory("small/", bytes);
        _files.Add(block);
        return [.. tensors.Select(tensor => places.TryGetValue(tensor.Name, out long place) ? tensor.MovedTo(block, place) : tensor)];
    }

    private static bool Moves(TensorEntry tensor) => tensor.Bytes < SmallBytes || tensor.Offset % tensor.Type.Size() != 0 || tensor.Strides is not null;
}
