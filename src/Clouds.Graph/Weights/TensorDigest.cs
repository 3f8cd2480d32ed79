using System.Collections.Concurrent;
using System.Security.Cryptography;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>What tells one tensor from another, whatever file it is in.</summary>
/// <param name="Name">Its name; nested keys joined by dots.</param>
/// <param name="Dtype">Element type as safetensors spells it.</param>
/// <param name="Shape">Dimensions, slowest first.</param>
/// <param name="Sha256">SHA-256 of the elements in C order, little-endian, in hexadecimal digits.</param>
/// <param name="Sum">The elements added up as doubles in C order.</param>
public sealed record TensorDigest(string Name, string Dtype, IReadOnlyList<long> Shape, string Sha256, double Sum)
{
    private const int Piece = 1 << 18;

    /// <summary>
    /// The digests of all tensors, in the order of the file. Every element is read once, on all processors; tensors that share theirs, share that.
    /// </summary>
    /// <param name="source">The weights.</param>
    /// <param name="progress">Told the bytes read, of those to read; by one thread at a time.</param>
    /// <param name="cancellation">Ends it.</param>
    public static IReadOnlyList<TensorDigest> Of(WeightSource source, IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        TensorEntry[] tensors = [.. source.Tensors.Values];
        TensorEntry[] distinct = [.. tensors.DistinctBy(Elements).OrderByDescending(tensor => tensor.Bytes)];
        ConcurrentDictionary<object, (string Sha256, double Sum)> digests = [];
        long total = distinct.Sum(tensor => tensor.Bytes);
        long done = 0;
        ParallelOptions options = new() { CancellationToken = cancellation };
        Parallel.ForEach(Partitioner.Create(distinct, EnumerablePartitionerOptions.NoBuffering), options, tensor =>
            digests[Elements(tensor)] = Read(tensor, Report, cancellation));
        void Report(int bytes)
        {
            lock (distinct)
            {
                done += bytes;
                progress?.Report(new ProgressReport("read", done, total));
            }
        }

        return [.. tensors.Select(tensor => new TensorDigest(
            tensor.Name, tensor.Type.Spelling(), tensor.Shape, digests[Elements(tensor)].Sha256, digests[Elements(tensor)].Sum))];
    }

    private static object Elements(TensorEntry tensor) => tensor.Strides is null
        ? (tensor.File, tensor.Offset, tensor.Type, tensor.Bytes, "")
        : (tensor.File, tensor.Offset, tensor.Type, tensor.Bytes, $"{string.Join(',', tensor.Shape)}:{string.Join(',', tensor.Strides)}");

    private static (string Sha256, double Sum) Read(TensorEntry tensor, Action<int> report, CancellationToken cancellation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        double[] values = new double[Math.Min(Piece, tensor.Elements)];
        byte[] buffer = new byte[values.Length * tensor.Type.Size()];
        double sum = 0;
        for (long done = 0; done < tensor.Elements; done += Piece)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> bytes = Fetch(tensor, done, (int)Math.Min(Piece, tensor.Elements - done), buffer);
            hash.AppendData(bytes);
            Span<double> piece = values.AsSpan(0, bytes.Length / tensor.Type.Size());
            WeightConversion.ToDoubles(tensor.Type, bytes, piece);
            foreach (double value in piece)
            {
                sum += value;
            }

            report(bytes.Length);
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), sum);
    }

    // Past the map where that is possible: a large file would otherwise end up in this process's memory, page by page.
    private static ReadOnlySpan<byte> Fetch(TensorEntry tensor, long first, int count, byte[] buffer)
    {
        if (tensor.Strides is not null || !tensor.File.OnDisk)
        {
            return tensor.Slice(first, count);
        }

        Span<byte> bytes = buffer.AsSpan(0, count * tensor.Type.Size());
        for (int done = 0; done < bytes.Length;)
        {
            int read = tensor.File.Read(tensor.Offset + (first * tensor.Type.Size()) + done, bytes[done..]);
            done += read > 0 ? read : throw new CloudsException(Failure.Weights, "a weight file was cut off while it was read", tensor.File.Path,
                $"no more bytes in tensor '{tensor.Name}'", $"{tensor.File.Bytes} bytes", "open it again once it stays as it is");
        }

        return bytes;
    }
}
