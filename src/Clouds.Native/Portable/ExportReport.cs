namespace Clouds.Native.Portable;

/// <summary>What was written, and how near it comes to our own session.</summary>
public sealed class ExportReport
{
    internal ExportReport(string path, string? data, long bytes, string kind, IReadOnlyList<ExportDifference> differences, double tolerance)
        => (Path, Data, Bytes, Kind, Differences, Tolerance) = (path, data, bytes, kind, differences, tolerance);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The file of weights beside it; null: it holds them itself.</summary>
    public string? Data { get; }

    /// <summary>Bytes of both.</summary>
    public long Bytes { get; }

    /// <summary>What the network is: "segmenter", "encoder", "text_tower".</summary>
    public string Kind { get; }

    /// <summary>Of every output at every size that was tried.</summary>
    public IReadOnlyList<ExportDifference> Differences { get; }

    /// <summary>What was accepted of <see cref="ExportDifference.OfLength"/>.</summary>
    public double Tolerance { get; }
}

/// <summary>An output of the file in a plain session of ONNX Runtime against that of our own session in single precision.</summary>
public sealed class ExportDifference
{
    internal ExportDifference(string output, string inputs, double largest, double ofLargest, double ofLength)
        => (Output, Inputs, Largest, OfLargest, OfLength) = (output, inputs, largest, ofLargest, ofLength);

    /// <summary>Name of the output.</summary>
    public string Output { get; }

    /// <summary>Shapes of the inputs, for instance "image [1, 3, 64, 128]".</summary>
    public string Inputs { get; }

    /// <summary>Largest difference of two numbers.</summary>
    public double Largest { get; }

    /// <summary>The same as a share of the largest number.</summary>
    public double OfLargest { get; }

    /// <summary>Root of the summed squares of all differences as a share of that of the numbers.</summary>
    public double OfLength { get; }
}
