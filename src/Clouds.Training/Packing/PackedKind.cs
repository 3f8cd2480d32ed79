using System.Text.Json.Nodes;
using Clouds.Training.Contrastive;
using Clouds.Training.Diffusion;
using Clouds.Training.Language;
using Clouds.Training.Promptable;

namespace Clouds.Training.Packing;

/// <summary>A kind of foundation model: how its training is called, and what of a run's folder is needed to use it.</summary>
/// <param name="Key">Key of the settings in a checkpoint.</param>
/// <param name="Settings">Their record.</param>
/// <param name="Verb">Behind `clouds train`.</param>
/// <param name="Title">What it is.</param>
/// <param name="Model">Folder of the model in a run's folder.</param>
/// <param name="Parts">Files of it, or folders with a slash at their end; empty: all.</param>
internal sealed record PackedKind(string Key, Type Settings, string Verb, string Title, string Model, params string[] Parts)
{
    private static readonly PackedKind[] Known =
    [
        new("contrastive", typeof(ContrastiveTrainingConfig), "clip", "a CLIP with a ConvNeXt", "", "model.safetensors", "open_clip_config.json", "tokenizer/"),
        new("segmentAnything", typeof(SamTrainingConfig), "sam", "a Segment Anything", "", "model.safetensors"),
        new("autoencoder", typeof(AutoencoderTrainingConfig), "vae", "the autoencoder of a latent diffusion", "vae"),
        new("diffusion", typeof(DiffusionTrainingConfig), "diffusion", "a latent diffusion", "model"),
        new("language", typeof(LanguageTrainingConfig), "llm", "a Llama", "model"),
    ];

    /// <summary>The kind that a checkpoint's description tells; null: it is of no foundation model.</summary>
    public static PackedKind? Of(JsonObject description) => Known.FirstOrDefault(kind => description[kind.Key] is JsonObject);

    /// <summary>The files to take, from the model's folder on, in a fixed order.</summary>
    /// <param name="run">The run's folder.</param>
    public IReadOnlyList<string> Files(string run)
    {
        string folder = Path.Combine(run, Model);
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
                .Where(IsPart).Order(StringComparer.Ordinal),
        ];
    }

    private bool IsPart(string file) => Parts.Length == 0
        ? !file.EndsWith(".tmp", StringComparison.Ordinal)
        : Parts.Any(part => file == part || (part.EndsWith('/') && file.StartsWith(part, StringComparison.Ordinal)));
}
