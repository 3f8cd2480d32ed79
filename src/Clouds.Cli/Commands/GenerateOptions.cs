using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>What to paint, with what, and where to write.</summary>
internal sealed class GenerateOptions : CommonOptions
{
    [Option("model", MetaValue = "DIR", Required = true, HelpText =
        "Stable Diffusion 1.x or 2.x: a folder as diffusers writes it; or mini:diffusion, the miniature that is built in.")]
    public string Model { get; set; } = "";

    [Option("prompts", MetaValue = "FILE", HelpText =
        "What images show: text with a prompt a line, or JSON lines as `clouds prompts` writes them; - is standard input.")]
    public string? Prompts { get; set; }

    [Option("out", MetaValue = "DIR", Required = true, HelpText = "The store: a new folder, or one that the same command has begun.")]
    public string Out { get; set; } = "";

    [Option("count", MetaValue = "N", HelpText = "Images in all. Default: one a prompt. Paper: 5000 of 100 prompts.")]
    public int? Count { get; set; }

    [Option("seed", MetaValue = "N", HelpText = "Seed of image 0; image j has this + j. Default: 1.")]
    public long? Seed { get; set; }

    [Option("size", MetaValue = "WxH", HelpText = "Width and height in pixels, multiples of 8. Default: the start image's, or what the model was trained for.")]
    public string? Size { get; set; }

    [Option("steps", MetaValue = "N", HelpText = "Steps from noise to image. Default: 50, the paper's.")]
    public int? Steps { get; set; }

    [Option("sampler", MetaValue = "euler|eulerAncestral|ddim|pndm|dpmSolver", HelpText = "The rule of the steps. Default: the model's own. Paper: euler.")]
    public PaintSampler? Sampler { get; set; }

    [Option("guidance", MetaValue = "X", HelpText = "How far images follow the prompt, 1 or more. Default: 7.5, the paper's.")]
    public double? Guidance { get; set; }

    [Option("negative", MetaValue = "TEXT", HelpText = "What images shall not show. Default: nothing, as in the paper.")]
    public string? Negative { get; set; }

    [Option("image", MetaValue = "FILE", HelpText = "Image that every image begins from, of their size.")]
    public string? Image { get; set; }

    [Option("strength", MetaValue = "X", HelpText =
        "With --image: share of the steps that are done, above 0 to 1, where hardly anything of it is left. Default: 0.8.")]
    public double? Strength { get; set; }

    [Option("like", MetaValue = "FILE", HelpText =
        "An image of a store, to be made again: prompt, seed, size and all the rest are those that it carries, unless they are named here.")]
    public string? Like { get; set; }

    [Option("shard", MetaValue = "I/N", Default = "1/1", HelpText = "The part of the images to make here, 1/4 to 4/4 for four processes.")]
    public string Shard { get; set; } = "1/1";

    [Option("batch", MetaValue = "N", Default = 1, HelpText = "Images painted at once; each has the pixels that it has alone.")]
    public int Batch { get; set; } = 1;

    [Option("clip", MetaValue = "MODEL", HelpText =
        "A CLIP, as `clouds train clip` writes it or OpenCLIP publishes it with a ConvNeXt: looks at all images in the end and marks those that do not show "
        + "their prompts; or mini:clip.")]
    public string? Clip { get; set; }

    [Option("clip-threshold", MetaValue = "X", HelpText =
        "With --clip: marks images below this score too, -1 to 1. Default: none. LAION leaves out images below 0.28 of ViT-B/32; other CLIPs score otherwise.")]
    public double? ClipThreshold { get; set; }

    [Option("precision", MetaValue = "auto|single|half", HelpText = "In what the networks are computed. Default: auto, half on a GPU where the weights are.")]
    public PaintPrecision Precision { get; set; }

    [Option("tile", MetaValue = "PIXELS", HelpText = "Side of the tiles that images are decoded in, for less memory. Default: 0, whole.")]
    public int Tile { get; set; }

    /// <summary>The part of the images that is made here.</summary>
    /// <exception cref="CloudsException">Usage: it is none, or there are no images to make, or the least score is none.</exception>
    public StoreShare Part() => ClipThreshold is double least && (Clip is null || least is not (>= -1 and <= 1))
        ? throw NoScore(least)
        : Batch < 1 ? throw Few("--batch", Batch)
        : Count < 1 ? throw Few("--count", Count) : StoreShare.Parse(Shard);

    private CloudsException NoScore(double least) => new(Failure.Usage, "the least score cannot be used", "--clip-threshold",
        string.Create(CultureInfo.InvariantCulture, $"{least}{(Clip is null ? " without --clip" : "")}"), "-1 to 1, with --clip MODEL", "correct the options");

    private static CloudsException Few(string option, int? found) => new(
        Failure.Usage, "a number of images is out of range", option, $"{found}", "1 or more", "correct the number");
}
