using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Portable;
using Clouds.Graph.Weights;

namespace Clouds.Native.Portable;

/// <summary>
/// Writes a network as an ONNX file of standard operators alone, which any runtime runs, and runs it before it gets its name. A segmenter's file carries
/// its preprocessing and its classes, and <see cref="Segmentation.Segmenter.Load"/> opens it.
/// </summary>
public static class ModelExport
{
    // Written, answered by our own session, answered by the file.
    private const int Steps = 3;

    /// <summary>Names of networks that <see cref="ExportOptions.Network"/> takes.</summary>
    public static IReadOnlyList<string> Networks => ExportSource.Names;

    /// <summary>Writes a file.</summary>
    /// <param name="model">A model of ours, or a weight file that holds the network.</param>
    /// <param name="path">The file; it appears whole and checked, or what stood there stays. Missing folders are made.</param>
    /// <param name="options">What and how; null: the whole segmenter for images of any size, in single precision.</param>
    /// <param name="progress">Told of the steps.</param>
    /// <param name="cancellation">Ends the call; nothing is left then.</param>
    /// <exception cref="CloudsException">
    /// Usage: an option is out of range, or the path is the model's own; Weights: the file does not hold the network; Numeric: a weight is not finite or does
    /// not fit half precision, or the file answers otherwise than our own session; Output: the file cannot be written. Device: there is no memory to
    /// run it.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ExportReport Write(
        string model, string path, ExportOptions? options = null, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ExportOptions();
        options.Require();
        using ExportSource source = ExportSource.Open(model, options);
        RequireAnother(source.Weights, path);
        IReadOnlyDictionary<string, Dim> extents = ExportForm.Extents(source.Network, options);
        GraphBuilder graph = new(source.Network.Kind);
        source.Network.Build(graph, extents);
        progress?.Report(new ProgressReport("export", 0, Steps));
        using PortableFile file = new(options.HalfPrecision ? HalfPrecision.Of(graph) : graph, source.Weights, path, Form(source, options));
        ExportCheck check = new(source.Network, options);
        progress?.Report(new ProgressReport("export", 1, Steps));
        IReadOnlyList<IReadOnlyDictionary<string, float[]>> own = check.Own(source.Weights, cancellation);
        progress?.Report(new ProgressReport("export", 2, Steps));
        IReadOnlyList<ExportDifference> differences = check.Compare(file.Path, own, cancellation);
        Require(differences, options, path);
        file.Commit();
        progress?.Report(new ProgressReport("export", Steps, Steps));
        return new ExportReport(path, file.Data, file.Bytes, source.Network.Kind, differences, options.AcceptedDifference);
    }

    private static PortableForm Form(ExportSource source, ExportOptions options) => new()
    {
        Opset = options.Opset,
        DataBeside = options.DataBeside,
        Metadata = new Dictionary<string, string>(source.Metadata) { ["clouds.network"] = source.Network.Kind },
    };

    // A link to it, or another spelling, is the same file; a folder or an index may have led to it.
    private static void RequireAnother(FrozenWeights weights, string path)
    {
        string Real(string name) => Path.GetFullPath(File.ResolveLinkTarget(name, returnFinalTarget: true)?.FullName ?? name);
        if (File.Exists(path) && weights.Files.Any(file => file.OnDisk && Real(file.Path) == Real(path)))
        {
            throw new CloudsException(Failure.Usage, "the exported file would take the place of the model", path, next: "name another file");
        }
    }

    private static void Require(IReadOnlyList<ExportDifference> differences, ExportOptions options, string path)
    {
        ExportDifference worst = differences.MaxBy(difference => double.IsNaN(difference.OfLength) ? double.MaxValue : difference.OfLength)!;
        if (!(worst.OfLength <= options.AcceptedDifference))
        {
            throw new CloudsException(Failure.Numeric, "the exported file answers otherwise than our own session; it was not kept",
                $"{path}, output {worst.Output} for {worst.Inputs}",
                FormattableString.Invariant($"{worst.OfLength:G3} of the answer's length, {worst.Largest:G3} at most"),
                FormattableString.Invariant($"at most {options.AcceptedDifference:G3} of the length"),
                options.HalfPrecision ? "export in single precision, or accept more" : "accept more, or report this");
        }
    }
}
