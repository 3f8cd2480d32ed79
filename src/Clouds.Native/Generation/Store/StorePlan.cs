using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>
/// What the images of a store have in common: image i shows prompt i mod the number of prompts and has the seed <see cref="Seed"/> + i (method.md section
/// 5), so that any of them can be made on its own, in any order, on any machine.
/// </summary>
public sealed class StorePlan
{
    /// <summary>What images show, at least one, each with its origin.</summary>
    public required IReadOnlyList<Prompt> Prompts { get; init; }

    /// <summary>What guidance leads away from.</summary>
    public required string NegativePrompt { get; init; }

    /// <summary>Seed of image 0. Differs from reference: the released code sets none.</summary>
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

    /// <summary>What they begin from; null: noise alone.</summary>
    public StartImage? Start { get; init; }

    /// <summary>As in <see cref="PaintRequest"/>; null without a start image.</summary>
    public double? Strength { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The model's files, by which it is known; its name may change.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>As in <see cref="PainterFacts"/>.</summary>
    public required string Prediction { get; init; }

    /// <summary>As in <see cref="PainterFacts"/>: in another precision images have other bits.</summary>
    public required string Precision { get; init; }

    /// <summary>The prompt of an image.</summary>
    public Prompt PromptOf(int index) => Prompts[index % Prompts.Count];

    /// <summary>An image as a painter is asked for it.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="CloudsException">Usage: the start image is not there.</exception>
    public PaintRequest Request(int index) => new()
    {
        Prompt = PromptOf(index).Text,
        NegativePrompt = NegativePrompt,
        Seed = Seed + index,
        Width = Width,
        Height = Height,
        Steps = Steps,
        Guidance = Guidance,
        Sampler = Sampler,
        Start = Start is null ? null : Start.Pixels ?? throw new CloudsException(
            Failure.Usage, "images that begin from another cannot be painted without it", Start.Name, "its digest alone", "its pixels", "give the image"),
        Strength = Strength ?? 1,
    };

    /// <summary>Where another plan would make other images, a sentence each: what, this plan's, the other's.</summary>
    internal IEnumerable<string> Differences(StorePlan other)
    {
        IEnumerable<(string Name, string Ours, string Theirs)> pairs = Facts().Zip(other.Facts(), (ours, theirs) => (ours.Name, ours.Value, theirs.Value));
        return pairs.Where(pair => pair.Ours != pair.Theirs).Select(pair => $"{pair.Name} {pair.Ours}, not {pair.Theirs}");
    }

    /// <summary>Refuses a plan that so many images cannot be made by.</summary>
    /// <param name="count">Images of the store.</param>
    /// <exception cref="CloudsException">Usage: there is no prompt, or a seed is beyond 64 bits.</exception>
    public void Require(int count)
    {
        if (Prompts.Count == 0)
        {
            throw new CloudsException(Failure.Usage, "there is no prompt", "prompts", "none", "at least one");
        }

        if (count < 0 || Seed > long.MaxValue - Math.Max(0, count - 1))
        {
            throw new CloudsException(Failure.Usage, "the number of images or the seed is out of range", "count, seed", $"{count} images from seed {Seed}",
                "0 images or more, and seeds below 2^63");
        }
    }

    /// <summary>Refuses what a painter would refuse, before anything is written.</summary>
    /// <param name="facts">The painter's.</param>
    /// <exception cref="CloudsException">Usage: a size, a number of steps, guidance or strength is out of range.</exception>
    public void Require(PainterFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        (bool Holds, string What, string Found, string Expected)[] rules =
        [
            (IsSide(Width) && IsSide(Height), "size", $"{Width}x{Height}",
                $"multiples of {facts.Multiple} pixels up to {PaintJob.MostPixels}, such as {Near(Width)}x{Near(Height)}"),
            (Steps >= 1 && Steps <= facts.MostSteps, "steps", Text(Steps), $"1..{facts.MostSteps}"),
            (double.IsFinite(Guidance) && Guidance >= 1, "guidance", Text(Guidance), "1 or more"),
            (Strength is null || (Strength <= 1 && Steps * Strength >= 1), "strength", $"{Text(Strength ?? 1)} of {Steps} steps",
                "1 at most, and a step at least"),
            (Start?.Pixels is not RgbImage start || (start.Width == Width && start.Height == Height), "size of the start image",
                $"{Start?.Pixels?.Width}x{Start?.Pixels?.Height}", $"{Width}x{Height}, as the images"),
        ];
        foreach ((bool _, string what, string found, string expected) in rules.Where(rule => !rule.Holds))
        {
            throw new CloudsException(Failure.Usage, "images cannot be painted so", what, found, expected, "correct it");
        }

        int Near(int side) => Math.Clamp((int)Math.Round((double)side / facts.Multiple), 1, PaintJob.MostPixels / facts.Multiple) * facts.Multiple;
        bool IsSide(int side) => side > 0 && side <= PaintJob.MostPixels && side % facts.Multiple == 0;
    }

    private IEnumerable<(string Name, string Value)> Facts() =>
    [
        ("prompts", PromptsText()), ("negative prompt", $"'{NegativePrompt}'"), ("seed", Text(Seed)), ("size", $"{Width}x{Height}"), ("steps", Text(Steps)),
        ("guidance", Text(Guidance)), ("sampler", $"{Sampler}"), ("start image", Start?.Sha256 ?? "none"), ("strength", Text(Strength ?? 1)),
        ("model's files", FilesText()), ("prediction", Prediction), ("precision", Precision),
    ];

    private string PromptsText()
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', Prompts.Select(prompt => prompt.Text))));
        return $"{Prompts.Count} (SHA-256 {Convert.ToHexStringLower(digest)[..12]})";
    }

    private string FilesText() => string.Join(", ", Files.Select(file => $"{file.Name} {file.Sha256[..Math.Min(12, file.Sha256.Length)]}"));

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
