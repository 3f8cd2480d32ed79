using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Catalogue;
using Clouds.Native.Downloads;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// A checkpoint of Stable Diffusion 1.x or 2.x as a path holds it. Opening reads configurations and lists of tensors and holds them against the networks;
/// elements are read when a part is frozen. Nothing in the files is executed, and nothing stays open here.
/// </summary>
internal sealed class DiffusionWeights
{
    private readonly IReadOnlyDictionary<DiffusionPart, Func<WeightSource>> _parts;

    internal DiffusionWeights(
        string path, string layout, DiffusionConfig config, ClipTokenizer tokenizer,
        IReadOnlyDictionary<DiffusionPart, Func<WeightSource>> parts, IReadOnlyList<string> files) =>
        (Path, Layout, Config, Tokenizer, FilePaths, _parts) = (path, layout, config, tokenizer, files, parts);

    /// <summary>The folder or file, as given.</summary>
    public string Path { get; }

    /// <summary>Its name without folders.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>How it lies there, for instance "diffusers folder".</summary>
    public string Layout { get; }

    /// <summary>What it is.</summary>
    public DiffusionConfig Config { get; }

    /// <summary>Its tokenizer.</summary>
    public ClipTokenizer Tokenizer { get; }

    /// <summary>The files that images depend on: weights, configurations and vocabulary, in a fixed order.</summary>
    public IReadOnlyList<string> FilePaths { get; }

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">A folder as diffusers writes it, its ONNX form too, or one file: as the authors publish it, or as it was imported here.</param>
    /// <param name="prediction">
    /// What the denoiser of a single file predicts, which no tensor tells; null: what a .yaml beside it says, or else noise for 1.x and v for 2.x.
    /// </param>
    /// <exception cref="CloudsException">
    /// Weights: it is none of Stable Diffusion 1.x or 2.x, which is told by what was found instead; a file is missing, damaged or hostile; tensors do not fit.
    /// </exception>
    public static DiffusionWeights Open(string path, Prediction? prediction = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = CarriedWeights.PathOf(path);
        return Directory.Exists(path) && OnnxFolder.Is(path) ? OnnxFolder.Open(path)
            : DiffusersFolder.Is(path) ? DiffusersFolder.Open(path)
            : File.Exists(path) || !Directory.Exists(path) ? SingleFile.Open(path, prediction)
            : throw NotStableDiffusion.Of(path, "a folder without model_index.json and unet/config.json", "a folder as diffusers writes it, or one file");
    }

    /// <summary>
    /// A part's tensors under our names, mapped from files that are opened anew and belong to the caller; in the type that they have there, half or single.
    /// </summary>
    /// <param name="part">The network.</param>
    /// <exception cref="CloudsException">Weights: the files have changed and do not fit; Numeric: an element is not finite.</exception>
    public FrozenWeights Freeze(DiffusionPart part) => FrozenWeights.From(_parts[part](), Config.ParametersOf(part));

    /// <summary>The files with their lengths and SHA-256, which takes a second a gigabyte.</summary>
    /// <param name="progress">Told the bytes read of each.</param>
    /// <param name="cancellation">Ends it.</param>
    public IReadOnlyList<ImportedFile> Digest(IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default) =>
    [
        .. FilePaths.Select(file => new ImportedFile(Relative(file), new FileInfo(file).Length, FileDigest.Of(file, progress, cancellation))),
    ];

    private string Relative(string file) => Directory.Exists(Path)
        ? System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/')
        : System.IO.Path.GetFileName(file);
}
