using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>
/// A segmenter as `clouds model export` writes it, or another program has rewritten it: an ONNX file of standard operators that runs as it is, under the
/// contract in its metadata. Where its size is open, a lane has one session for all images.
/// </summary>
internal sealed class PortableModel : ISegmentationModel
{
    private const string Next = "export the model again";

    private readonly string _path;
    private readonly SegmentationContract _contract;
    private readonly WeightSource _source;
    private (int Height, int Width)? _frame;
    private int _queries;
    private GraphSession? _first;

    /// <summary>Reads a file's contract.</summary>
    /// <param name="source">The file, owned from now on.</param>
    /// <exception cref="CloudsException">Weights: the file has no contract, or one that is not kept here; it is closed then.</exception>
    public PortableModel(WeightSource source)
    {
        (_source, _path) = (source, source.Path);
        try
        {
            _contract = SegmentationContract.Read(source.Metadata, _path);
            Classes = _contract.ClassSet();
            RequireAgreement(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public ClassSet Classes { get; }

    public int ShortSide => _contract.Resize.ShortSide;

    public int? LongSide => _contract.Resize.LongSide;

    public long BytesOnDevice => 0;

    public void Prepare(Device device, SegmenterOptions options)
    {
        _first = OpenSession(options, device);
        if (_first.Inputs.Count != 1)
        {
            throw Lacks(_first, "one input alone, the image");
        }

        long[] image = Port(_first, InferenceGraph.Image, [1, 3, null, null]);
        long[] classes = Port(_first, InferenceGraph.ClassLogits, [1, null, Classes.Count + 1]);
        long[] masks = Port(_first, InferenceGraph.MaskLogits, [1, classes[1], null, null]);
        _queries = classes[1] > 0 ? (int)classes[1] : throw Contradiction(InferenceGraph.ClassLogits, classes, "a number of queries");
        _frame = Frame(image, masks);
    }

    public (int Width, int Height) Fit(int width, int height)
    {
        if (_frame is not (int rows, int columns) || (width <= columns && height <= rows))
        {
            return (width, height);
        }

        double scale = Math.Min((double)columns / width, (double)rows / height);
        return (Math.Clamp((int)((width * scale) + 0.5), 1, columns), Math.Clamp((int)((height * scale) + 0.5), 1, rows));
    }

    public (int Width, int Height) Padded(int width, int height) => _frame is (int rows, int columns)
        ? (columns, rows)
        : (TestTimeResize.Padded(width), TestTimeResize.Padded(height));

    public void RequireUnchanged()
    {
        foreach (MappedFile file in _source.Files)
        {
            file.RequireUnchanged();
        }
    }

    public IInference Open(int height, int width, Device device, SegmenterOptions options, Func<long> taken)
    {
        GraphSession session = _first ?? OpenSession(options, device);
        _first = null;
        InferenceShape shape = new(_queries, Classes.Count, height, width);
        return new HostInference(session, shape, new Normalisation(_contract.Mean, _contract.Deviation), options.ThreadsOfSession, anySize: _frame is null);
    }

    public void Dispose()
    {
        _first?.Dispose();
        _source.Dispose();
    }

    // Exported files also carry the model's description, by which other verbs know the network.
    private void RequireAgreement(WeightSource source)
    {
        if (source.Metadata.ContainsKey(ModelDescription.MetadataKey) && SegmentationContract.Of(ModelDescription.Read(source)).ToJson() != _contract.ToJson())
        {
            throw new CloudsException(Failure.Weights, "the ONNX file says two different things of itself",
                $"{_path}, {ModelDescription.MetadataKey} and {SegmentationContract.MetadataKey}", next: Next);
        }
    }

    private GraphSession OpenSession(SegmenterOptions options, Device device)
    {
        GraphSession session = device.OpenSession(_path, options.SessionSettings with { StandardOnly = true });
        string[] own = [InferenceGraph.ClassLogits, InferenceGraph.MaskLogits];
        foreach (GraphPort other in session.Outputs.Where(output => !own.Contains(output.Name)))
        {
            session.BindAllocated(other.Name);
        }

        return session;
    }

    // Of a fixed size, masks have a quarter of it; an open one is the caller's in both directions.
    private (int Height, int Width)? Frame(long[] image, long[] masks)
    {
        (long height, long width) = (image[2], image[3]);
        if (height < 0 && width < 0)
        {
            return null;
        }

        bool good = height > 0 && width > 0 && height % TestTimeResize.Multiple == 0 && width % TestTimeResize.Multiple == 0;
        bool fits = masks.Skip(2).Zip([height, width], (mask, side) => mask < 0 || mask * InferenceShape.MaskStride == side).All(same => same);
        return good && fits
            ? ((int)height, (int)width)
            : throw Contradiction(good ? InferenceGraph.MaskLogits : InferenceGraph.Image, good ? masks : image,
                good ? $"a quarter of {height} x {width}" : $"both sides open, or both multiples of {TestTimeResize.Multiple}");
    }

    // An extent of null may be any; -1 is one that the file leaves open.
    private long[] Port(GraphSession session, string name, long?[] expected)
    {
        GraphPort? port = session.Inputs.Concat(session.Outputs).FirstOrDefault(port => port.Name == name);
        string wanted = $"float [{string.Join(", ", expected.Select(extent => extent is null ? "any" : $"{extent}"))}]";
        if (port is null)
        {
            throw Lacks(session, $"{name} {wanted}");
        }

        bool fits = port.Type == typeof(float) && port.Shape.Length == expected.Length
            && port.Shape.Zip(expected, (extent, want) => want is null or < 0 || extent < 0 || extent == want).All(same => same);
        return fits ? port.Shape : throw Contradiction(name, port.Shape, wanted);
    }

    private CloudsException Lacks(GraphSession session, string expected) => new(Failure.Weights, "the ONNX file has other inputs or outputs than a segmenter",
        _path, string.Join(", ", session.Inputs.Concat(session.Outputs)), expected, Next);

    private CloudsException Contradiction(string name, long[] shape, string expected) => new(Failure.Weights,
        "the ONNX file's graph and what it says of itself do not fit together", $"{_path}, {name}", $"[{string.Join(", ", shape)}]", expected, Next);
}
