using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Sam;

namespace Clouds.Cli.Commands;

/// <summary>Networks that a command line names, as graphs from an image to their outputs.</summary>
internal static class NamedNetwork
{
    /// <summary>Classes of a segmenter that no file describes.</summary>
    public const int Classes = 19;

    /// <summary>The paper's encoders.</summary>
    public static IReadOnlyList<string> Encoders { get; } = [.. EncoderConfig.Published.Keys];

    /// <summary>Segment Anything's image encoders, which want square images; 1024 x 1024 is the published size.</summary>
    public static IReadOnlyList<string> SamEncoders { get; } = [.. SamConfig.Published.Keys.Select(variant => SamPrefix + variant)];

    /// <summary>Names that need no file.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Encoders, .. SamEncoders, .. DiffusionNetwork.Known, "paper", "small"];

    private const string SamPrefix = "sam_";

    /// <summary>The network's graph.</summary>
    /// <param name="verb">Who asks, for messages.</param>
    /// <param name="name">One of <see cref="Known"/>, or a model file, an exported one too.</param>
    /// <param name="size">WIDTHxHEIGHT of the image.</param>
    /// <param name="batch">Images.</param>
    /// <exception cref="CloudsException">Usage: there is no such network, size or batch; Weights: the file is no model.</exception>
    public static GraphBuilder Build(string verb, string name, string size, int batch = 1)
    {
        (int width, int height) = SizeOf(verb, size);
        if (batch < 1)
        {
            throw new CloudsException(Failure.Usage, "there is no such batch", $"clouds {verb} --batch", $"{batch}", "at least 1 image");
        }

        GraphBuilder g = new(name);
        if (DiffusionNetwork.Known.Contains(name))
        {
            DiffusionNetwork.Build(g, name, batch, height, width);
            return g;
        }

        Value image = g.Input("image", ElementType.Float, [batch, 3, height, width]);
        if (EncoderConfig.Published.TryGetValue(name, out EncoderConfig? encoder))
        {
            foreach ((string level, Value map) in encoder.Create().Build(g, image).Levels)
            {
                g.Output(level, map);
            }

            return g;
        }

        if (SamEncoders.Contains(name))
        {
            RequireSquare(verb, size, width, height);
            SamConfig sam = SamConfig.Published[name[SamPrefix.Length..]];
            g.Output("embedding", new SegmentAnythingNetwork(sam with { Encoder = sam.Encoder with { ImageSize = width } }).Embed(g, image));
            return g;
        }

        Prediction answer = Segmenter(verb, name).Answer(g, image);
        g.Output("class_logits", answer.ClassLogits);
        g.Output("mask_logits", answer.MaskLogits);
        return g;
    }

    private static MaskFormer Segmenter(string verb, string name)
    {
        switch (name)
        {
            case "paper":
                return new MaskFormer(MaskFormerConfig.Paper, Classes);
            case "small":
                return new MaskFormer(MaskFormerConfig.Small, Classes);
            case string path when File.Exists(path):
                using (WeightSource file = WeightSource.Open(path))
                {
                    return ModelDescription.Read(file).Create();
                }

            default:
                string next = NearestName.Find(name, Known) is string near ? $"did you mean '{near}'?" : "choose one of these, or give a model file";
                throw new CloudsException(Failure.Usage, "there is no such network", $"clouds {verb}", $"'{name}'", string.Join(", ", Known), next);
        }
    }

    private static void RequireSquare(string verb, string size, int width, int height)
    {
        if (width != height)
        {
            throw new CloudsException(Failure.Usage, "Segment Anything sees square images only", $"clouds {verb} --size", $"'{size}'",
                "as many rows as columns", "for instance --size 1024x1024");
        }
    }

    private static (int Width, int Height) SizeOf(string verb, string size)
    {
        string[] parts = size.Split('x');
        bool good = parts.Length == 2 & int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width)
            & int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int height);
        return good && width is > 0 and <= 8192 && height is > 0 and <= 8192 && width % 32 == 0 && height % 32 == 0
            ? (width, height)
            : throw new CloudsException(Failure.Usage, "the size cannot be used", $"clouds {verb} --size", $"'{size}'",
                "WIDTHxHEIGHT, both multiples of 32, at most 8192", "for instance --size 768x768");
    }
}
