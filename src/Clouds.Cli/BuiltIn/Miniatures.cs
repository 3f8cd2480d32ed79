using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Packing;

namespace Clouds.Cli.BuiltIn;

/// <summary>
/// Paths of the four miniature foundation models, which this program's own trainings made on computer-drawn streets (models/mini). The executable carries
/// them; the names "mini:clip", "mini:sam", "mini:diffusion" and "mini:llm" mean them wherever weights are named, and what is below them, as
/// "mini:clip/tokenizer".
/// </summary>
/// <param name="Clip">Folder of a CLIP with a ConvNeXt: weights, open_clip_config.json, tokenizer.</param>
/// <param name="Sam">File of a Segment Anything.</param>
/// <param name="Diffusion">Folder of a latent diffusion, as diffusers writes it.</param>
/// <param name="Language">Folder of a Llama, as Hugging Face's library writes it.</param>
internal sealed record Miniatures(string Clip, string Sam, string Diffusion, string Language)
{
    /// <summary>Key of the CLIP.</summary>
    public const string ClipKey = "clip";

    private const string SamKey = "sam", DiffusionKey = "diffusion", LanguageKey = "llm";

    /// <summary>What stands behind the scheme.</summary>
    public static IReadOnlyList<string> Keys { get; } = [ClipKey, SamKey, DiffusionKey, LanguageKey];

    /// <summary>Those of the executable.</summary>
    /// <param name="files">Where they are carried; null: in this program.</param>
    /// <exception cref="CloudsException">Usage: one is not carried; Output: it cannot be unpacked.</exception>
    public static Miniatures Embedded(MiniatureFiles? files = null)
    {
        MiniatureFiles carried = files ?? MiniatureFiles.OfProgram;
        return new Miniatures(Place(carried, ClipKey), Place(carried, SamKey), Place(carried, DiffusionKey), Place(carried, LanguageKey));
    }

    /// <summary>The path that a name means.</summary>
    /// <param name="name">With the scheme.</param>
    /// <param name="files">Where they are carried; null: in this program.</param>
    /// <exception cref="CloudsException">Usage: there is no such name, or it is not carried; Output: it cannot be unpacked.</exception>
    public static string PathOf(string name, MiniatureFiles? files = null)
    {
        string[] parts = name[CarriedWeights.Scheme.Length..].Split('/', 2);
        if (!Keys.Contains(parts[0]))
        {
            string? near = NearestName.Find(parts[0], Keys);
            throw new CloudsException(Failure.Usage, "there is no such miniature", name, null, string.Join(", ", Keys.Select(NameOf)),
                near is null ? "choose one of these" : $"did you mean '{NameOf(near)}'?");
        }

        string place = Place(files ?? MiniatureFiles.OfProgram, parts[0]);
        return parts.Length == 1 ? place : Path.Combine(place, parts[1]);
    }

    /// <summary>The card of one that is carried; null: none is.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="files">Where they are carried; null: in this program.</param>
    /// <exception cref="CloudsException">BadInput: the card is damaged.</exception>
    public static PackedCard? CardOf(string key, MiniatureFiles? files = null)
    {
        string name = $"{key}/{PackedCard.FileName}";
        return (files ?? MiniatureFiles.OfProgram).Read(name) is byte[] card ? PackedCard.Read(card, CarriedWeights.Scheme + name) : null;
    }

    /// <summary>The name of one of <see cref="Keys"/>.</summary>
    public static string NameOf(string key) => CarriedWeights.Scheme + key;

    // A folder of Segment Anything's is one of published files, which go by other names.
    private static string Place(MiniatureFiles files, string key) =>
        key == SamKey ? Path.Combine(files.Unpack(key), "model.safetensors") : files.Unpack(key);
}
