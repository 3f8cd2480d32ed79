using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>Measures a latent diffusion: whether a CLIP finds the prompts of what it paints, as often as it finds the captions of real images.</summary>
public static class DiffusionEvaluation
{
    private static readonly string[] Columns = ["painted", "real"];

    /// <summary>
    /// Paints the captions of images that the model has not seen, image k with the seed of the first one plus k, and shows CLIP each painting with its prompt
    /// and 19 other captions; then the real images with the same captions, which is as much as this CLIP can find.
    /// </summary>
    /// <param name="painter">The model; stays the caller's.</param>
    /// <param name="clip">Who looks; stays the caller's.</param>
    /// <param name="data">Images with captions.</param>
    /// <param name="heldOut">Which of them; its seed is the first painting's too.</param>
    /// <param name="request">How to paint: size, steps, guidance, sampler; its prompt and seed are not looked at.</param>
    /// <param name="progress">Told after every image.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="CloudsException">
    /// Usage: the request is out of range; BadInput: fewer than 20 different captions, or no image that can be read; as the models' otherwise.
    /// </exception>
    public static MeasuredModel Run(
        IPainter painter, ClipScorer clip, ICaptionedImages data, HeldOutData heldOut, PaintRequest request,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        RealImages real = RealImages.Look(clip, data, heldOut, cancellation);
        CaptionMatches ceiling = new(real.Seen, real.Texts);
        ClipEvaluation.Require(ceiling, heldOut);
        request = request.Width is null ? Sized(request, real.Pictures[0], painter.Facts) : request;
        List<float[]> seen = [];
        List<RgbImage> pictures = [];
        foreach ((int number, string caption) in real.Captions.Index())
        {
            RgbImage image = painter.Paint([request with { Prompt = caption, Seed = heldOut.Seed + number }], null, cancellation)[0].Image;
            seen.Add(clip.Embed(image, cancellation));
            pictures.AddRange(pictures.Count < RealImages.Shown ? [image] : []);
            progress?.Report(new ProgressReport("evaluate diffusion", seen.Count, real.Captions.Count));
        }

        ModelEvaluation evaluation = new()
        {
            Kind = "diffusion",
            Model = painter.Facts.Name,
            Files = painter.Facts.Files,
            Data = heldOut.Spec,
            Count = seen.Count,
            Seed = heldOut.Seed,
            Settings = Settings(request, clip, pictures[0], painter.Facts),
            Measures = [.. Of(new CaptionMatches(seen, real.Texts), ceiling, heldOut)],
            LeftOut = real.LeftOut,
        };
        return new MeasuredModel(evaluation, new PictureSheet(Columns, [.. pictures.Zip(real.Pictures, real.Captions).Select(Row)]));
    }

    // The size that the model was trained for may be that of the real images: then these are what it should paint.
    private static PaintRequest Sized(PaintRequest request, RgbImage real, PainterFacts facts)
    {
        bool fits = Math.Max(real.Width, real.Height) == facts.Side && real.Width % facts.Multiple == 0 && real.Height % facts.Multiple == 0;
        return fits ? request with { Width = real.Width, Height = real.Height } : request;
    }

    private static Dictionary<string, object> Settings(PaintRequest request, ClipScorer clip, RgbImage painted, PainterFacts facts) => new()
    {
        ["choices"] = ClipEvaluation.Choices,
        ["clip"] = clip.Name,
        ["clipFiles"] = clip.Files,
        ["width"] = painted.Width,
        ["height"] = painted.Height,
        ["steps"] = request.Steps,
        ["guidance"] = request.Guidance,
        ["sampler"] = request.Sampler ?? facts.Sampler,
    };

    private static IEnumerable<Measure> Of(CaptionMatches painted, CaptionMatches real, HeldOutData heldOut)
    {
        const int Choices = ClipEvaluation.Choices;
        double Found(CaptionMatches matches) => matches.FoundAmong(Choices, image => heldOut.Stream("choices", image));
        return
        [
            new($"promptIsBestOf{Choices}", $"painted images whose prompt is the best of {Choices}", Found(painted)),
            new($"captionIsBestOf{Choices}", $"real images whose caption is the best of {Choices}", Found(real)),
            new("paintedCosine", "mean cosine of painted images and their prompts", painted.MeanCosine, MeasureKind.Number),
            new("realCosine", "mean cosine of real images and their captions", real.MeanCosine, MeasureKind.Number),
            new("paintedOtherCosine", "mean cosine of painted images and other prompts", painted.MeanOtherCosine, MeasureKind.Number),
            new("paintedAlike", "mean cosine of painted images with each other", painted.MeanImageCosine, MeasureKind.Number),
            new("realAlike", "mean cosine of real images with each other", real.MeanImageCosine, MeasureKind.Number),
        ];
    }

    private static SheetRow Row((RgbImage Painted, RgbImage Real, string Prompt) sample) =>
        new(sample.Prompt, [PictureSheet.Small(sample.Painted), PictureSheet.Small(sample.Real)]);
}
