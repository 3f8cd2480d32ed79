using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Commands;

/// <summary>
/// What `clouds generate` was asked for, before the model is open: what the command line says goes before what --like says, and that before defaults.
/// </summary>
internal sealed class GenerateRequest
{
    private readonly GenerateOptions _options;
    private readonly StoredImage? _like;
    private readonly IReadOnlyList<Prompt> _prompts;
    private readonly StartImage? _start;
    private readonly (int Width, int Height)? _size;

    private GenerateRequest(GenerateOptions options, StoredImage? like, IReadOnlyList<Prompt> prompts, StartImage? start)
    {
        (_options, _like, _prompts, _start) = (options, like, prompts, start);
        _size = options.Size is null ? null : SizeOf(options.Size);
    }

    /// <summary>Images in all.</summary>
    public int Count => _options.Count ?? (_options.Prompts is null ? 1 : _prompts.Count);

    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="CloudsException">Usage: options are missing or do not fit together; BadInput: a file cannot be used.</exception>
    public static GenerateRequest Read(GenerateOptions options, Action<string> warn)
    {
        StoredImage? like = options.Like is null ? null : StoredImage.Read(options.Like);
        if (like is null && options.Prompts is null)
        {
            throw new CloudsException(Failure.Usage, "nothing says what the images show", "clouds generate", "neither --prompts nor --like", "one of them",
                "`clouds generate --help` shows examples");
        }

        if (like?.Start is StartImage start && options.Image is null)
        {
            throw new CloudsException(Failure.Usage, "the image began from another one", options.Like, $"{start.Name}, SHA-256 {start.Sha256}",
                "that image", "give it with --image");
        }

        if (options.Strength is not null && options.Image is null)
        {
            throw new CloudsException(Failure.Usage, "--strength says how much of a start image is left", "--strength", "no start image", "--image FILE");
        }

        return new GenerateRequest(options, like, Prompts(options, like), options.Image is null ? null : StartImage.Read(options.Image, warn));
    }

    /// <summary>What the images have in common.</summary>
    /// <param name="facts">The model's.</param>
    /// <param name="warn">Told where an image is not made like --like.</param>
    /// <exception cref="CloudsException">Usage: a value is out of range.</exception>
    public StorePlan Plan(PainterFacts facts, Action<string> warn)
    {
        WarnOfOthers(facts, warn);
        (int width, int height) = _size ?? (_like is null
            ? (_start?.Pixels?.Width ?? facts.Side, _start?.Pixels?.Height ?? facts.Side)
            : (_like.Width, _like.Height));
        StorePlan plan = new()
        {
            Prompts = _prompts,
            NegativePrompt = _options.Negative ?? _like?.NegativePrompt ?? "",
            Seed = _options.Seed ?? _like?.Seed ?? 1,
            Width = width,
            Height = height,
            Steps = _options.Steps ?? _like?.Steps ?? new PaintRequest { Prompt = "" }.Steps,
            Guidance = _options.Guidance ?? _like?.Guidance ?? new PaintRequest { Prompt = "" }.Guidance,
            Sampler = _options.Sampler ?? _like?.Sampler ?? facts.Sampler,
            Start = _start,
            Strength = _start is null ? null : _options.Strength ?? _like?.Strength ?? new PaintRequest { Prompt = "" }.Strength,
            Model = facts.Name,
            Files = facts.Files,
            Prediction = facts.Prediction,
            Precision = facts.Precision,
        };
        plan.Require(facts);
        plan.Require(Count);
        return plan;
    }

    // Nobody asked for these to be others, and they make another image all the same.
    private void WarnOfOthers(PainterFacts facts, Action<string> warn)
    {
        if (_like is null)
        {
            return;
        }

        string device = facts.Device.Split(':')[0];
        (bool Other, string Sentence)[] others =
        [
            (!_like.Files.Select(file => file.Sha256).SequenceEqual(facts.Files.Select(file => file.Sha256)), $"another model painted it, {_like.Model}"),
            (_like.Precision != facts.Precision, $"it was painted in {_like.Precision}, which is {facts.Precision} now"),
            (_like.Device != device, $"it was painted on {_like.Device}, which is {device} now"),
            (_like.Start is not null && _like.Start.Sha256 != _start?.Sha256, $"it began from another image, {_like.Start?.Name}"),
        ];
        foreach ((bool _, string sentence) in others.Where(other => other.Other))
        {
            warn($"{_options.Like}: {sentence}; the image will not be the same");
        }
    }

    private static IReadOnlyList<Prompt> Prompts(GenerateOptions options, StoredImage? like) => options.Prompts is string file
        ? PromptFile.Read(file)
        : [new Prompt { Text = like!.Prompt, Origin = new PromptOrigin(PromptSource.Text) { Name = Path.GetFileName(options.Like) } }];

    /// <summary>Width and height of "768x512".</summary>
    /// <exception cref="CloudsException">Usage: it is none.</exception>
    public static (int Width, int Height) SizeOf(string text) => text.Split('x', 'X') is [string width, string height]
        && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out int columns)
        && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out int rows) && columns > 0 && rows > 0
        ? (columns, rows)
        : throw new CloudsException(Failure.Usage, "a size cannot be read", "--size", $"'{text}'", "WIDTHxHEIGHT in pixels, for instance 768x768");
}
