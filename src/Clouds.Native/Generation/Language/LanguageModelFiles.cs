using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using Clouds.Native.Downloads;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// What a path holds: a folder as Hugging Face's transformers write it, or a file that <see cref="LanguageModelImport"/> wrote, which has the folder's JSON
/// files in its metadata and the tokenizer among its tensors. Dispose it unless somebody took the weights.
/// </summary>
internal sealed class LanguageModelFiles : IDisposable
{
    public const string ConfigName = "config.json";
    public const string GenerationName = "generation_config.json";
    public const string TokenizerConfigName = "tokenizer_config.json";
    private const int MostBytes = 256 << 20;

    private readonly string? _folder;

    private LanguageModelFiles(string path, string? folder, WeightSource weights) => (Path, _folder, Weights) = (path, folder, weights);

    /// <summary>What was opened, as given.</summary>
    public string Path { get; }

    /// <summary>Its tensors.</summary>
    public WeightSource Weights { get; }

    /// <summary>Its name without folders.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Opens a model.</summary>
    /// <exception cref="CloudsException">BadInput: nothing is there; Weights: no weights are there, or they are damaged.</exception>
    public static LanguageModelFiles Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = CarriedWeights.PathOf(path);
        if (Directory.Exists(path))
        {
            if (!File.Exists(System.IO.Path.Combine(path, ConfigName)))
            {
                throw NoModel(path, $"no {ConfigName}", "a folder as Hugging Face publishes Llama models, with config.json, tokenizer and weights");
            }

            return new LanguageModelFiles(path, path, WeightSource.Open(path));
        }

        WeightSource weights = WeightSource.Open(path);
        if (!weights.Metadata.ContainsKey(ConfigName))
        {
            weights.Dispose();
            throw NoModel(path, "weights alone", "a file that clouds model import --quantize wrote, or the folder of a language model");
        }

        return new LanguageModelFiles(path, null, weights);
    }

    /// <summary>A JSON file of the model's; null where it has none of this name.</summary>
    public StrictJson? Json(string name) => Text(name) is not byte[] text ? null
        : StrictJson.Parse(text, new JsonOrigin("the language model's settings", Place(name), Failure.BadInput, "fetch the language model's files again"));

    /// <summary>The bytes of such a file.</summary>
    public byte[]? Text(string name) => _folder is null
        ? Weights.Metadata.TryGetValue(name, out string? text) ? Encoding.UTF8.GetBytes(text) : null
        : File.Exists(Place(name)) ? WholeFile.Read(Place(name), MostBytes) : null;

    /// <summary>Name and bytes of the tokenizer.</summary>
    /// <exception cref="CloudsException">BadInput: there is none.</exception>
    public (string Name, byte[] Bytes) Tokenizer()
    {
        foreach (string name in (string[])[LanguageTokenizer.Pieces, LanguageTokenizer.Json])
        {
            byte[]? bytes = _folder is not null ? Text(name)
                : Weights.Tensors.TryGetValue(name, out TensorEntry? tensor) && tensor is { Type: WeightType.U8, Bytes: <= MostBytes }
                    ? tensor.Slice(0, (int)tensor.Bytes).ToArray() : null;
            if (bytes is not null)
            {
                return (name, bytes);
            }
        }

        throw NoModel(Path, "no tokenizer", $"{LanguageTokenizer.Pieces} or {LanguageTokenizer.Json}");
    }

    /// <summary>The tokenizer.</summary>
    public LanguageTokenizer ReadTokenizer()
    {
        (string name, byte[] bytes) = Tokenizer();
        return LanguageTokenizer.Read(bytes, Place(name));
    }

    /// <summary>Digests of the weights' files and, of a folder, of what else answers depend on.</summary>
    public IReadOnlyList<ImportedFile> Digests(CancellationToken stop)
    {
        IEnumerable<string> besides = _folder is null ? [] : new[] { ConfigName, LanguageTokenizer.Pieces, LanguageTokenizer.Json }.Select(Place);
        return [.. Weights.Files.Where(file => file.OnDisk).Select(file => file.Path).Concat(besides.Where(File.Exists))
            .Select(file => new ImportedFile(System.IO.Path.GetFileName(file), new FileInfo(file).Length, FileDigest.Of(file, null, stop)))];
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();

    private string Place(string name) => _folder is null ? $"{Path}, {name}" : System.IO.Path.Combine(_folder, name);

    private static CloudsException NoModel(string path, string found, string expected) =>
        new(Failure.BadInput, "no language model is there", path, found, expected, "check the path, or fetch the missing files");
}
