using System.IO.Hashing;
using System.Text;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Sam;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Sam;

/// <summary>A weight file held against the network that it belongs to.</summary>
internal sealed class SamModel : IDisposable
{
    private const int Piece = 1 << 24;

    private readonly Lazy<string> _digest;

    private SamModel(SamConfig config, SharedWeights weights)
    {
        (Config, Weights) = (config, weights);
        _digest = new Lazy<string>(ComputeDigest);
    }

    /// <summary>Sizes.</summary>
    public SamConfig Config { get; }

    /// <summary>All weights that are read.</summary>
    public SharedWeights Weights { get; }

    /// <summary>XXH128 of the image encoder's weights with their names and types: embeddings of one encoder have one digest.</summary>
    public string Digest => _digest.Value;

    /// <summary>Opens a weight file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="withDecoder">Whether prompt encoder and mask decoder are taken from it too.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// Weights: missing, damaged, no Segment Anything, or tensors are missing or do not fit; Numeric: one is not finite.
    /// </exception>
    public static SamModel Open(string path, bool withDecoder)
    {
        WeightSource source = WeightSource.Open(path);
        try
        {
            SamConfig config = SamDescription.Read(source);
            IReadOnlyCollection<Parameter> parameters = SegmentAnythingNetwork.ParametersOf(config, withDecoder);
            return new SamModel(config, new SharedWeights(FrozenWeights.From(NameMap.Fit(source, parameters), parameters)));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public void Dispose() => Weights.Dispose();

    private static bool IsOfEncoder(TensorEntry tensor) => tensor.Name.StartsWith(SegmentAnythingNetwork.EncoderScope, StringComparison.Ordinal);

    private string ComputeDigest()
    {
        XxHash128 hash = new();
        foreach (TensorEntry tensor in Weights.Weights.Tensors.Where(IsOfEncoder))
        {
            hash.Append(Encoding.UTF8.GetBytes($"{tensor.Name} {tensor}\n"));
            for (long done = 0; done < tensor.Elements; done += Piece)
            {
                hash.Append(tensor.Slice(done, (int)Math.Min(Piece, tensor.Elements - done)));
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
