using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Streets.World;

namespace Clouds.Training.Foundation;

/// <summary>Measures a CLIP on captioned images.</summary>
public static class ClipEvaluation
{
    /// <summary>Captions that an image is shown: its own and 19 others.</summary>
    public const int Choices = 20;

    private static readonly int[] Ranks = [1, 5, 10];
    private static readonly RgbImage Nothing = new(0, 0);

    /// <summary>
    /// Looks at images and captions, one at a time, as the scores of generated images are made; recall is over the whole of what is looked at. Images of the
    /// wide world are also told by light, weather, season and place.
    /// </summary>
    /// <param name="clip">The CLIP; stays the caller's.</param>
    /// <param name="data">The images.</param>
    /// <param name="heldOut">Which of them.</param>
    /// <param name="progress">Told after every image.</param>
    /// <param name="cancellation">Stops between two images.</param>
    /// <exception cref="CloudsException">BadInput: fewer than 20 different captions, or no image that can be read; as the CLIP's otherwise.</exception>
    public static ModelEvaluation Run(
        ClipScorer clip, ICaptionedImages data, HeldOutData heldOut, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        IReadOnlyList<int> indices = heldOut.Indices(data.Count);
        SampleReader reader = new(data.SampleName, heldOut.Reading);
        List<float[]> images = [], captions = [];
        List<CaptionedSample> known = [];
        foreach (CaptionedSample sample in reader.Samples(indices, index => CaptionedSample.Of(data, index), cancellation))
        {
            images.Add(clip.Embed(sample.Image, cancellation));
            captions.Add(clip.Embed(sample.Caption, cancellation));
            known.Add(sample with { Image = Nothing });
            progress?.Report(new ProgressReport("evaluate clip", images.Count + reader.LeftOut.Count, indices.Count));
        }

        CaptionMatches matches = images.Count > 0 ? new CaptionMatches(images, captions) : throw heldOut.NothingLeft(reader.LeftOut);
        Require(matches, heldOut);
        return new ModelEvaluation
        {
            Kind = "clip",
            Model = clip.Name,
            Files = clip.Files,
            Data = heldOut.Spec,
            Count = images.Count,
            Seed = heldOut.Seed,
            Settings = new Dictionary<string, object> { ["choices"] = Choices, ["captions"] = matches.Captions },
            Measures = [.. Of(matches, heldOut), .. OfWorld(matches, images, known, heldOut, text => clip.Embed(text, cancellation))],
            LeftOut = reader.LeftOut,
        };
    }

    /// <summary>Refuses sets with too few different captions.</summary>
    /// <exception cref="CloudsException">BadInput.</exception>
    internal static void Require(CaptionMatches matches, HeldOutData heldOut)
    {
        if (matches.Captions < Choices)
        {
            throw new CloudsException(Failure.BadInput, "there are too few different captions to choose from", heldOut.Spec,
                $"{matches.Captions} that the CLIP can tell apart", $"{Choices} at least", "take more images, or a set with more captions");
        }
    }

    internal static IEnumerable<Measure> Of(CaptionMatches matches, HeldOutData heldOut) =>
    [
        new($"topOneOf{Choices}", $"own caption is the best of {Choices}", matches.FoundAmong(Choices, image => heldOut.Stream("choices", image))),
        .. Ranks.Select(rank => new Measure($"captionRecallAt{rank}", $"own caption among the best {rank} of all", matches.CaptionRecall(rank))),
        .. Ranks.Select(rank => new Measure($"imageRecallAt{rank}", $"own image among the best {rank} of all", matches.ImageRecall(rank))),
        new("meanCosine", "mean cosine of images and their captions", matches.MeanCosine, MeasureKind.Number),
        new("meanOtherCosine", "mean cosine of images and other captions", matches.MeanOtherCosine, MeasureKind.Number),
    ];

    // What is known of scenes of the wide world alone.
    private static IEnumerable<Measure> OfWorld(
        CaptionMatches matches, IReadOnlyList<float[]> images, IReadOnlyList<CaptionedSample> known, HeldOutData heldOut, Func<string, float[]> embed)
    {
        WorldSetting[] settings = [.. known.Select(sample => sample.Setting).OfType<WorldSetting>()];
        return settings.Length < images.Count
            ? []
            :
            [
                new($"readerTopOneOf{Choices}", $"the best of {Choices} for a reader who knows which of them hold",
                    matches.FoundByAReader(Choices, image => heldOut.Stream("choices", image), Holds)),
                .. new WorldAttributes(images, settings, embed).Measures(),
            ];

        bool Holds(int image, int other) => WorldCaptions.Holds(known[other].Caption, known[image].Visible, settings[image]);
    }
}

/// <summary>An image with its caption.</summary>
/// <param name="Image">The image.</param>
/// <param name="Caption">The caption.</param>
/// <param name="Setting">Light, weather, season and place where they are known; null: they are not.</param>
internal sealed record CaptionedSample(RgbImage Image, string Caption, WorldSetting? Setting)
{
    /// <summary>What can be made out, by train ids, where it is known.</summary>
    public IReadOnlyList<int> Visible { get; init; } = [];

    /// <summary>Loads one; a scene of the wide world is rendered once for all that is asked of it.</summary>
    public static CaptionedSample Of(ICaptionedImages data, int index)
    {
        WorldScene? scene = (data as WorldDataset)?.Scene(index);
        return new CaptionedSample(scene?.Image ?? data.LoadImage(index), data.Caption(index), scene?.Setting)
        {
            Visible = scene is null ? [] : WorldCaptions.Visible(scene.Labels),
        };
    }
}
