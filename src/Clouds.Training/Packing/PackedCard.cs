using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;

namespace Clouds.Training.Packing;

/// <summary>A file of a packed model.</summary>
/// <param name="File">From the model's folder on.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, 64 hexadecimal digits.</param>
public sealed record PackedFile(string File, long Bytes, string Sha256);

/// <summary>What a packed model is and how it was made: card.json beside its weights.</summary>
public sealed record PackedCard
{
    /// <summary>Name of the card.</summary>
    public const string FileName = "card.json";

    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>clip, sam, vae, diffusion or llm: the training that made it.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is, in some words.</summary>
    public required string Title { get; init; }

    /// <summary>Numbers in its weights, all networks together.</summary>
    public long Parameters { get; init; }

    /// <summary>Length of all files.</summary>
    public long Bytes { get; init; }

    /// <summary>What it has learned from, as --data names it.</summary>
    public required string Data { get; init; }

    /// <summary>The weights that it started from; empty: random ones.</summary>
    public required string Start { get; init; }

    /// <summary>Seed of its training.</summary>
    public required long Seed { get; init; }

    /// <summary>Steps that were done.</summary>
    public required long Steps { get; init; }

    /// <summary>Hours that the steps took.</summary>
    public required double Hours { get; init; }

    /// <summary>The command that trains it once more, in this folder; the settings lie in it.</summary>
    public required string Command { get; init; }

    /// <summary>Its files.</summary>
    public IReadOnlyList<PackedFile> Files { get; init; } = [];

    /// <summary>What `clouds evaluate` measured; null: nobody has measured it.</summary>
    public JsonObject? Quality { get; init; }

    /// <summary>Whether these very files were measured, rather than the run's own in single precision.</summary>
    public bool QualityOfTheseFiles =>
        Quality?["files"] is JsonArray measured && measured.Any(file => Files.Any(own => own.Sha256 == (string?)file?["sha256"]));

    /// <summary>Reads one.</summary>
    /// <param name="json">Content of the file.</param>
    /// <param name="place">Where it is from, for messages.</param>
    /// <exception cref="CloudsException">BadInput: it is damaged, or no card.</exception>
    public static PackedCard Read(ReadOnlySpan<byte> json, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<PackedCard>(json, Format) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new CloudsException(Failure.BadInput, "the card of a packed model cannot be read", place, e.Message,
                "a card as it is written beside packed weights", "pack the model again", e);
        }
    }

    internal byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Format), (byte)'\n'];
}
