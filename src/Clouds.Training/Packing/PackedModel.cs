using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Training.Engine;

namespace Clouds.Training.Packing;

/// <summary>
/// A foundation model as it is kept and given away: of a run's folder what is needed to use it, its weights in half precision, its settings, a card and a page.
/// </summary>
public static class PackedModel
{
    // Pictures of what a model does should weigh little beside it.
    private const int SheetQuality = 80;

    private const string SettingsName = "settings.json", PageName = "README.md", SheetName = "sheet.jpg", EvaluationName = "evaluation.json";

    // Settings that name files, and where a packed model has these.
    private static readonly (string Setting, string Own)[] Carried =
    [
        ("vocabulary", "tokenizer"), ("tokenizer", "tokenizer.json"),
        ("autoencoderWeights", "vae/diffusion_pytorch_model.safetensors"), ("textWeights", "text_encoder/model.safetensors"),
    ];

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Packs a model.</summary>
    /// <param name="run">Folder of a training of a foundation model.</param>
    /// <param name="folder">Where it goes; made where it is missing.</param>
    /// <param name="data">What it has learned from, as the training was given it; null: the name that the run knows.</param>
    /// <param name="evaluation">Folder with evaluation.json and, if there is one, sheet.png; null: that of the run.</param>
    /// <exception cref="CloudsException">
    /// BadInput: the run trained no foundation model, or has written none yet; Numeric: a weight has no place in half precision; Output.
    /// </exception>
    public static PackedCard Write(string run, string folder, string? data = null, string? evaluation = null)
    {
        JsonObject description = JsonNode.Parse(Checkpoint.Describe(new RunFolder(run)))!.AsObject();
        PackedKind kind = PackedKind.Of(description) ?? throw Wrong(run, string.Join(", ", description.Select(member => member.Key)),
            "a training of a CLIP, a Segment Anything, an autoencoder, a latent diffusion or a Llama");
        JsonObject settings = Named(description[kind.Key]!, kind.Settings);
        Relative(settings, Path.GetDirectoryName(Path.GetFullPath(run))!);
        (PackedFile[] files, long parameters) = Take(run, kind, folder, settings);
        PackedCard card = Card(run, kind, settings, data ?? (string)description["data"]!) with
        {
            Parameters = parameters, Bytes = files.Sum(file => file.Bytes), Files = files, Quality = Measured(Path.Combine(evaluation ?? run, EvaluationName)),
        };
        Describe(card, folder, Path.Combine(evaluation ?? run, "sheet.png"));
        return card;
    }

    private static (PackedFile[] Files, long Parameters) Take(string run, PackedKind kind, string folder, JsonObject settings)
    {
        IReadOnlyList<string> names = kind.Files(run);
        if (!names.Any(IsWeights))
        {
            throw Wrong(run, "no weights", "the model, which is written when the training ends or is stopped");
        }

        long parameters = names.Sum(name => Take(Path.Combine(run, kind.Model, name), Path.Combine(folder, name)));
        NameOwn(settings, folder);
        AtomicFile.WriteAllBytes(Path.Combine(folder, SettingsName), [.. JsonSerializer.SerializeToUtf8Bytes<JsonNode>(settings, Format), (byte)'\n']);
        return ([.. names.Append(SettingsName).Select(name => Described(folder, name))], parameters);
    }

    // The command of the card is run in the folder of the model.
    private static void NameOwn(JsonObject settings, string folder)
    {
        foreach ((string setting, string own) in Carried)
        {
            if (!string.IsNullOrEmpty((string?)settings[setting]) && Path.Exists(Path.Combine(folder, own)))
            {
                settings[setting] = own;
            }
        }
    }

    private static PackedCard Card(string run, PackedKind kind, JsonObject settings, string data)
    {
        HistoryLine[] history = [.. TrainingHistory.Read(new RunFolder(run).History)];
        return new PackedCard
        {
            Kind = kind.Verb,
            Title = kind.Title,
            Data = data,
            Start = (string?)settings["from"] ?? "",
            Seed = (long)settings["seed"]!,
            Steps = history[^1].Step + 1,
            Hours = Math.Round(history.Sum(line => line.Seconds) / 3600, 2),
            Command = $"clouds train {kind.Verb} {SettingsName} --data '{data}' --out {NameOf(run)}",
        };
    }

    private static void Describe(PackedCard card, string folder, string sheet)
    {
        string own = Path.Combine(folder, SheetName);
        if (File.Exists(sheet))
        {
            ImageFile.WriteJpeg(own, ImageFile.Read(sheet), SheetQuality);
        }

        string page = CardText.Of(card, NameOf(folder), File.Exists(sheet) ? SheetName : null);
        AtomicFile.WriteAllBytes(Path.Combine(folder, PageName), Encoding.UTF8.GetBytes(page));
        AtomicFile.WriteAllBytes(Path.Combine(folder, PackedCard.FileName), card.ToJson());
    }

    // A configuration says what type its weights have, for programs that ask before they read them.
    private static long Take(string source, string target)
    {
        if (IsWeights(source))
        {
            return HalfWeights.Write(source, target);
        }

        byte[] bytes = WholeFile.Read(source);
        if (Path.GetFileName(source) == "config.json" && JsonNode.Parse(bytes) is JsonObject json && json.ContainsKey("architectures"))
        {
            json["torch_dtype"] = "float16";
            bytes = JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json, Format);
        }

        AtomicFile.WriteAllBytes(target, bytes);
        return 0;
    }

    // A checkpoint has choices as numbers; whoever reads or edits settings wants their names.
    private static JsonObject Named(JsonNode settings, Type type) =>
        JsonSerializer.SerializeToNode(settings.Deserialize(type, Format), type, Format)!.AsObject();

    // Paths of this machine mean nothing on others: they are told from the folder that holds the run.
    private static void Relative(JsonObject settings, string above)
    {
        foreach ((string key, JsonNode? value) in settings.ToList())
        {
            if (value is JsonObject section)
            {
                Relative(section, above);
            }
            else if (value?.GetValueKind() == JsonValueKind.String && Path.IsPathRooted((string)value!))
            {
                settings[key] = Path.GetRelativePath(above, (string)value!);
            }
        }
    }

    private static PackedFile Described(string folder, string name)
    {
        byte[] bytes = WholeFile.Read(Path.Combine(folder, name));
        return new PackedFile(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    private static JsonObject? Measured(string file) => !File.Exists(file) ? null
        : JsonNode.Parse(WholeFile.Read(file)) as JsonObject ?? throw Wrong(file, "no object", "what was measured of a model");

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static CloudsException Wrong(string place, string found, string expected) =>
        new(Failure.BadInput, "there is nothing to pack", place, found, expected, "name the folder of such a run");
}
