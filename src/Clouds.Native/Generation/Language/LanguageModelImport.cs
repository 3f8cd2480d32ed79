using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// Makes one file of a language model's folder, with its matrices in few bits (<see cref="BlockForm"/>): weights, tokenizer and settings. The table of tokens
/// becomes half precision, lm_head 8 bits, norms stay as they are. One matrix at a time is in memory.
/// </summary>
public static class LanguageModelImport
{
    private const string Weight = ".weight";
    private const string Head = "lm_head";
    private const string Table = "model.embed_tokens" + Weight;

    private static readonly string[] Settings =
        [LanguageModelFiles.ConfigName, LanguageModelFiles.GenerationName, LanguageModelFiles.TokenizerConfigName];

    /// <summary>Words for forms of matrices.</summary>
    public static IReadOnlyList<string> Forms { get; } = ["int4", "int8"];

    /// <summary>Whether a path is the folder of a language model: it has a config.json of one.</summary>
    public static bool IsLanguageModel(string path)
    {
        string config = Path.Combine(path, LanguageModelFiles.ConfigName);
        try
        {
            return File.Exists(config) && JsonNode.Parse(File.ReadAllBytes(config)) is JsonObject settings
                && LlamaSettings.Kinds.Contains(settings["model_type"]?.ToString());
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes the file; it appears whole or not at all.</summary>
    /// <param name="folder">A folder as Hugging Face publishes it, with weights in single, half or bfloat16.</param>
    /// <param name="path">The file.</param>
    /// <param name="form">One of <see cref="Forms"/>.</param>
    /// <param name="asymmetric">Whether each 32 weights have a zero of their own: 3 % more bytes, smaller errors.</param>
    /// <param name="progress">Told the parameters done, of all.</param>
    /// <param name="stop">Ends it; nothing is left behind.</param>
    /// <exception cref="CloudsException">Usage: no such form; BadInput, Weights, Numeric: as <see cref="LanguageModel.Load"/>; Output: it cannot be written.
    /// </exception>
    public static void Write(string folder, string path, string form, bool asymmetric = false,
        IProgress<ProgressReport>? progress = null, CancellationToken stop = default)
    {
        BlockForm? known = Forms.Contains(form) ? StoredForm.Parse(form) : null;
        BlockForm blocks = known is not null ? known with { Asymmetric = asymmetric } : throw new CloudsException(
            Failure.Usage, "there is no such form of matrices", null, form, string.Join(", ", Forms), "choose one of these");
        using LanguageModelFiles files = LanguageModelFiles.Open(folder);
        if (StoredForm.Read(files.Weights) is not null)
        {
            throw new CloudsException(
                Failure.Usage, "the language model's matrices are in few bits already", folder, next: "import the model that it was made of");
        }

        LlamaConfig config = LlamaSettings.Read(files.Json(LanguageModelFiles.ConfigName)!);
        WeightMatch.Require(files.Weights, TextGraph.ParametersOf(config, form: null));
        files.ReadTokenizer();
        Write(files, config, blocks, path, progress, stop);
    }

    private static void Write(
        LanguageModelFiles files, LlamaConfig config, BlockForm form, string path, IProgress<ProgressReport>? progress, CancellationToken stop)
    {
        (string name, byte[] tokenizer) = files.Tokenizer();
        IReadOnlyCollection<Parameter> parameters = TextGraph.ParametersOf(config, form);
        TensorDeclaration[] tensors = [.. parameters.Select(Declared), new TensorDeclaration(name, WeightType.U8, [tokenizer.Length])];
        using SafetensorsWriter writer = new(path, tensors, Metadata(files, form));
        Parameter[] weights = [.. parameters.Where(parameter => parameter.Name.EndsWith(Weight, StringComparison.Ordinal))];
        long done = 0, total = weights.Sum(parameter => parameter.Shape.ElementCount);
        foreach (Parameter parameter in weights)
        {
            stop.ThrowIfCancellationRequested();
            Write(parameter, Read(files.Weights, config, parameter), form, writer);
            progress?.Report(new ProgressReport("quantize", done += parameter.Shape.ElementCount, total));
        }

        writer.Write(name, tokenizer);
        writer.Commit();
    }

    // With tied embeddings the table is lm_head too.
    private static float[] Read(WeightSource source, LlamaConfig config, Parameter parameter)
    {
        TensorEntry entry = source.Entry(parameter.Name == Head + Weight && config.TiedEmbeddings ? Table : parameter.Name);
        FiniteWeights.Require(source, [entry]);
        return source.ReadFloats(entry.Name);
    }

    private static void Write(Parameter parameter, float[] weights, BlockForm form, SafetensorsWriter writer)
    {
        string stem = parameter.Name[..^Weight.Length];
        switch (parameter.Type)
        {
            case ElementType.UInt8:
                int rows = (int)parameter.Shape[0].Size;
                BlockCodes codes = new(stem == Head ? form.Head : form, rows, weights.Length / rows);
                codes.Round(weights);
                writer.Write(parameter.Name, codes.Codes);
                writer.Write($"{stem}.scales", codes.Scales);
                if (form.Asymmetric)
                {
                    writer.Write($"{stem}.zeros", codes.Zeros);
                }

                break;
            case ElementType.Float16:
                Half[] halves = new Half[weights.Length];
                System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(weights, halves);
                RequireFinite(parameter, halves);
                writer.Write(parameter.Name, halves);
                break;
            default:
                writer.Write(parameter.Name, weights);
                break;
        }
    }

    private static void RequireFinite(Parameter parameter, Half[] halves)
    {
        int place = Array.FindIndex(halves, half => !Half.IsFinite(half));
        if (place >= 0)
        {
            throw new CloudsException(Failure.Numeric, "a weight does not fit half precision", $"tensor '{parameter.Name}'", $"element {place} beyond it",
                "numbers up to 65504", "fetch the language model again: no trained one has such weights");
        }
    }

    private static TensorDeclaration Declared(Parameter parameter) => new(parameter.Name, parameter.Type switch
    {
        ElementType.UInt8 => WeightType.U8,
        ElementType.Float16 => WeightType.F16,
        _ => WeightType.F32,
    }, parameter.Shape.Sizes);

    private static Dictionary<string, string> Metadata(LanguageModelFiles files, BlockForm form)
    {
        Dictionary<string, string> metadata = new() { [StoredForm.MetadataKey] = StoredForm.Word(form) };
        foreach (string name in Settings)
        {
            if (files.Text(name) is byte[] text)
            {
                metadata.Add(name, Encoding.UTF8.GetString(text));
            }
        }

        return metadata;
    }
}
