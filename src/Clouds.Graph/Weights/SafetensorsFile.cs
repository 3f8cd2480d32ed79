using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// A safetensors file, mapped into memory and read tensor by tensor. The whole header is checked on opening, so a
/// damaged or hostile file is refused before any tensor is read. Any number of threads may read at once.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    // The limit of the reference implementation; the header of a model with 10,000 tensors takes about one megabyte.
    internal const long MaxHeaderBytes = 100_000_000;

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;

    private SafetensorsFile(string path, MemoryMappedFile map, long fileBytes)
    {
        Path = path;
        _map = map;
        _view = map.CreateViewAccessor(0, fileBytes, MemoryMappedFileAccess.Read);
        try
        {
            _dataStart = 8 + HeaderBytes(path, _view.ReadInt64(0), fileBytes);
            byte[] json = new byte[_dataStart - 8];
            _view.ReadArray(8, json, 0, json.Length);
            _header = SafetensorsHeader.Parse(path, json, fileBytes - _dataStart);
        }
        catch
        {
            _view.Dispose();
            throw;
        }
    }

    /// <summary>The file, as given.</summary>
    public string Path { get; }

    /// <summary>Every tensor by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors => _header.Tensors;

    /// <summary>The file's free-form metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: missing, unreadable, truncated or hostile.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length < 8)
            {
                throw Refused("the file is too short for a safetensors file", path, $"{stream.Length} bytes", "8 bytes or more");
            }

            long length = stream.Length;
            MemoryMappedFile map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            try
            {
                return new SafetensorsFile(path, map, length);
            }
            catch
            {
                map.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(
                Failure.Weights, "a weight file cannot be opened", path, e.Message, "a readable safetensors file", "check the path and the permissions", e);
        }
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

    /// <summary>First byte of a tensor's elements, counted from the start of the file.</summary>
    public long FileOffset(TensorEntry entry) => _dataStart + entry.Offset;

    /// <summary>Reads a tensor as float32, whatever float or integer type it has in the file.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="values">Receives the elements in C order; exactly as many as the tensor has.</param>
    public void ReadFloats(string name, Span<float> values)
    {
        TensorEntry entry = Entry(name);
        CheckLength(entry, values.Length);
        WeightConversion.ToFloats(entry.Type, Bytes(entry), values);
    }

    /// <summary>Reads a tensor as float32 into an array of its own.</summary>
    public float[] ReadFloats(string name)
    {
        float[] values = new float[checked((int)Entry(name).Elements)];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>Reads a tensor as double.</summary>
    public double[] ReadDoubles(string name)
    {
        TensorEntry entry = Entry(name);
        double[] values = new double[checked((int)entry.Elements)];
        WeightConversion.ToDoubles(entry.Type, Bytes(entry), values);
        return values;
    }

    /// <summary>Reads a tensor of an integer or boolean type.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: the tensor holds fractions.</exception>
    public long[] ReadIntegers(string name)
    {
        TensorEntry entry = Entry(name);
        if (entry.Type.IsFloat())
        {
            throw Refused("a tensor has another type than it should", $"{Path}, tensor '{name}'", entry.ToString(), "an integer or boolean type");
        }

        long[] values = new long[checked((int)entry.Elements)];
        WeightConversion.ToIntegers(entry.Type, Bytes(entry), values);
        return values;
    }

    /// <summary>Copies a tensor's bytes as they stand in the file.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="bytes">Receives exactly the tensor's bytes.</param>
    public void ReadBytes(string name, Span<byte> bytes)
    {
        TensorEntry entry = Entry(name);
        CheckLength(entry, bytes.Length / (double)entry.Type.Size());
        Bytes(entry).CopyTo(bytes);
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }

    private static long HeaderBytes(string path, long little, long fileBytes)
    {
        long bytes = BitConverter.IsLittleEndian ? little : BinaryPrimitives.ReverseEndianness(little);
        if (bytes is < 2 or > MaxHeaderBytes)
        {
            throw Refused("the header length makes no sense", path, $"{(ulong)bytes} bytes", $"2..{MaxHeaderBytes} bytes");
        }

        return bytes <= fileBytes - 8 ? bytes : throw Refused("the header reaches beyond the end of the file",
            path, $"{bytes} bytes", $"at most {fileBytes - 8} bytes in this file");
    }

    private static CloudsException Refused(string what, string where, string found, string expected) =>
        new(Failure.Weights, what, where, found, expected, "the file is truncated or not a safetensors file: fetch or export it again");

    private void CheckLength(TensorEntry entry, double elements)
    {
        if (elements != entry.Elements)
        {
            throw new CloudsException(Failure.Weights, "a tensor does not fit where it should go", $"{Path}, tensor '{entry.Name}'",
                entry.ToString(), $"{elements} elements", "choose the weight file that belongs to the network");
        }
    }

    // A view longer than 2 GiB has no span, so the span covers one tensor only.
    private unsafe ReadOnlySpan<byte> Bytes(TensorEntry entry)
    {
        byte* start = null;
        SafeBuffer buffer = _view.SafeMemoryMappedViewHandle;
        ObjectDisposedException.ThrowIf(buffer.IsClosed, this);
        buffer.AcquirePointer(ref start);
        try
        {
            // The view outlives every span: they never leave this class.
            return new ReadOnlySpan<byte>(start + _view.PointerOffset + _dataStart + entry.Offset, checked((int)entry.Bytes));
        }
        finally
        {
            buffer.ReleasePointer();
        }
    }
}
