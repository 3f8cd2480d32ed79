using System.Reflection;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>How an image was made: a line of its store's list, and the text "clouds" inside its PNG file. It says all that makes it again.</summary>
public sealed class StoredImage
{
    internal const string Keyword = "clouds";

    private static readonly string Program = "Clouds.Native "
        + (typeof(StoredImage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    // What says where and by whom an image was made, and what came of it: two records that differ in these alone are of the same request.
    private static readonly string[] Circumstances = ["device", "software", "notes"];

    /// <summary>Its file in the store's folder, with slashes.</summary>
    public required string File { get; init; }

    /// <summary>Its number, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>What it shows.</summary>
    public required string Prompt { get; init; }

    /// <summary>Number of the prompt in the store's list.</summary>
    public required int PromptIndex { get; init; }

    /// <summary>What guidance led away from.</summary>
    public required string NegativePrompt { get; init; }

    /// <summary>Names its noise.</summary>
    public required long Seed { get; init; }

    /// <summary>Pixels a row.</summary>
    public required int Width { get; init; }

    /// <summary>Rows.</summary>
    public required int Height { get; init; }

    /// <summary>As in <see cref="PaintRequest"/>.</summary>
    public required int Steps { get; init; }

    /// <summary>As in <see cref="PaintRequest"/>.</summary>
    public required double Guidance { get; init; }

    /// <summary>The rule of the steps.</summary>
    public required PaintSampler Sampler { get; init; }

    /// <summary>What it began from; null: noise alone.</summary>
    public StartImage? Start { get; init; }

    /// <summary>As in <see cref="PaintRequest"/>; null without a start image.</summary>
    public double? Strength { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The model's files with their digests.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>As in <see cref="PainterFacts"/>.</summary>
    public required string Prediction { get; init; }

    /// <summary>As in <see cref="PainterFacts"/>.</summary>
    public required string Precision { get; init; }

    /// <summary>The kind of device, "cpu" or "cuda": on another kind the bits may be others.</summary>
    public required string Device { get; init; }

    /// <summary>Program and version.</summary>
    public required string Software { get; init; }

    /// <summary>What was not as asked; null: nothing.</summary>
    public PaintNotes? Notes { get; init; }

    /// <summary>How an image of a plan is made.</summary>
    internal static StoredImage Of(StorePlan plan, int index, PainterFacts facts, PaintNotes? notes) => new()
    {
        File = StoreFiles.Image(index),
        Index = index,
        Prompt = plan.PromptOf(index).Text,
        PromptIndex = index % plan.Prompts.Count,
        NegativePrompt = plan.NegativePrompt,
        Seed = plan.Seed + index,
        Width = plan.Width,
        Height = plan.Height,
        Steps = plan.Steps,
        Guidance = plan.Guidance,
        Sampler = plan.Sampler,
        Start = plan.Start,
        Strength = plan.Strength,
        Model = plan.Model,
        Files = plan.Files,
        Prediction = plan.Prediction,
        Precision = plan.Precision,
        Device = facts.Device.Split(':')[0],
        Software = Program,
        Notes = notes is { PromptCut: null, NegativePromptCut: null, DecodedAgain: false } ? null : notes,
    };

    /// <summary>How the image in a PNG file was made, as the file itself says.</summary>
    /// <exception cref="CloudsException">BadInput: it is no PNG, is damaged, or does not say it.</exception>
    public static StoredImage Read(string path) => TryRead(WholeFile.Read(path, ImageLimits.FileBytes), path) ?? throw new CloudsException(
        Failure.BadInput, "the image does not say how it was made", path, $"no text '{Keyword}' that can be read", "an image of a store, as it was written",
        "take the file itself: programs that change images leave such texts out");

    /// <summary>The same of the bytes of a file; null: it does not say it.</summary>
    internal static StoredImage? TryRead(ReadOnlySpan<byte> png, string name) =>
        PngText.Find(png, Keyword, name) is string text ? StoreJson.Read<StoredImage>(text) : null;

    /// <summary>The image as a PNG file that says how it was made.</summary>
    internal byte[] Encode(RgbImage image) => PngText.With(ImageFile.EncodePng(image), Keyword, ToString());

    /// <summary>Whether another record asks a painter for the same image.</summary>
    internal bool IsSameRequest(StoredImage other) => JsonNode.DeepEquals(Request(), other.Request());

    /// <summary>The line.</summary>
    public override string ToString() => StoreJson.Line(this);

    private JsonObject Request()
    {
        JsonObject members = JsonNode.Parse(ToString())!.AsObject();
        Array.ForEach(Circumstances, name => members.Remove(name));
        return members;
    }
}
