using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>Measures a Segment Anything on images with masks: how well masks overlap with the truth after one point and after five.</summary>
public static class SamEvaluation
{
    /// <summary>Points of a mask.</summary>
    public const int Points = 5;

    // Masks that are pointed at together; each has some maps of the image's size.
    private const int AtOnce = 16;

    // COCO's 32² and 96² pixels, as shares of an image of 640 x 480.
    private const double Small = 32.0 * 32 / (640 * 480), Large = 96.0 * 96 / (640 * 480);

    private static readonly (string Name, string Text, double From, double To)[] Sizes =
    [
        ("small", "below 0.33 % of the image", 0, Small), ("medium", "0.33 to 3 %", Small, Large), ("large", "above 3 %", Large, double.PositiveInfinity),
    ];

    /// <summary>
    /// Points at every mask: the first point is answered with several masks, of which the one with the best score counts, further ones with the one mask for
    /// prompts that leave no doubt.
    /// </summary>
    /// <param name="sam">The model; stays the caller's.</param>
    /// <param name="name">What the evaluation calls it.</param>
    /// <param name="files">Its files.</param>
    /// <param name="data">The images.</param>
    /// <param name="heldOut">Which of them.</param>
    /// <param name="withMask">Whether each further prompt starts from the mask that the one before was answered with.</param>
    /// <param name="progress">Told after every image.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <exception cref="CloudsException">BadInput: no image that can be read, or no mask in them; as the model's otherwise.</exception>
    public static MeasuredModel Run(
        SegmentAnything sam, string name, IReadOnlyList<ImportedFile> files, IMaskedImages data, HeldOutData heldOut, bool withMask = true,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default) =>
        Run(image => new SamAnswers(sam, image, cancellation), name, files, data, heldOut, withMask, progress, cancellation);

    internal static MeasuredModel Run(
        Func<RgbImage, IPointAnswers> look, string model, IReadOnlyList<ImportedFile> files, IMaskedImages data, HeldOutData heldOut, bool withMask,
        IProgress<ProgressReport>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<int> indices = heldOut.Indices(data.Count);
        SampleReader reader = new(data.SampleName, heldOut.Reading);
        List<MaskOutcome> all = [];
        List<SheetRow> rows = [];
        int images = 0;
        foreach ((string name, MaskedImage image) in reader.Samples(indices, index => Tuple.Create(data.SampleName(index), data.Load(index)), cancellation))
        {
            MaskTrial[] trials = [.. image.Masks.Select(mask => new MaskTrial(mask, image.Image.Width, image.Image.Height))];
            IPointAnswers answers = look(image.Image);
            trials.Chunk(AtOnce).ToList().ForEach(some => Try(some, answers, withMask));
            all.AddRange(trials.Select(trial => trial.Outcome));
            rows.AddRange(rows.Count < PictureSheet.Usual && trials.Length > 0 ? [MaskRow.Of(name, image, trials)] : []);
            images++;
            progress?.Report(new ProgressReport("evaluate sam", images + reader.LeftOut.Count, indices.Count));
        }

        if (all.Count == 0)
        {
            throw images == 0 ? heldOut.NothingLeft(reader.LeftOut) : NoMask(heldOut, images);
        }

        ModelEvaluation evaluation = new()
        {
            Kind = "sam",
            Model = model,
            Files = files,
            Data = heldOut.Spec,
            Count = images,
            Seed = heldOut.Seed,
            Settings = new Dictionary<string, object> { ["points"] = Points, ["startsFromMask"] = withMask },
            Measures = [.. Of(all), .. Sizes.SelectMany(size => OfSize(all, size))],
            LeftOut = reader.LeftOut,
        };
        return new MeasuredModel(evaluation, new PictureSheet(MaskRow.Columns, rows));
    }

    private static void Try(MaskTrial[] trials, IPointAnswers answers, bool withMask)
    {
        for (int point = 0; point < Points; point++)
        {
            MaskTrial[] open = [.. trials.Where(trial => !trial.IsPerfect)];
            IReadOnlyList<IReadOnlyList<PointMask>> masks = answers.Answer([.. open.Select(trial => trial.Prompt(withMask))], single: point > 0);
            Parallel.For(0, open.Length, i => open[i].Take(masks[i]));
        }
    }

    private static IEnumerable<Measure> Of(IReadOnlyList<MaskOutcome> all) =>
    [
        new("iouOfOnePoint", "mean IoU after 1 point, of the mask with the best score", Mean(all, 1)),
        new("oracleIouOfOnePoint", "the same, of the best mask that was there to choose", all.Average(mask => mask.Oracle)),
        new("iouOfTwoPoints", "mean IoU after 2 points", Mean(all, 2)),
        new("iouOfThreePoints", "mean IoU after 3 points", Mean(all, 3)),
        new("iouOfFivePoints", "mean IoU after 5 points", Mean(all, Points)),
        new("scoreError", "mean error of the score, 1 point", all.Average(mask => Math.Abs(mask.Score - mask.After(1))), MeasureKind.Number),
        new("masks", "masks", all.Count, MeasureKind.Count),
    ];

    private static IEnumerable<Measure> OfSize(IReadOnlyList<MaskOutcome> all, (string Name, string Text, double From, double To) size)
    {
        MaskOutcome[] these = [.. all.Where(mask => mask.Share >= size.From && mask.Share < size.To)];
        return
        [
            new($"{size.Name}IouOfOnePoint", $"masks {size.Text}: 1 point", Mean(these, 1)),
            new($"{size.Name}IouOfFivePoints", $"masks {size.Text}: 5 points", Mean(these, Points)),
            new($"{size.Name}Masks", $"masks {size.Text}", these.Length, MeasureKind.Count),
        ];
    }

    private static double? Mean(IReadOnlyList<MaskOutcome> masks, int points) => masks.Count == 0 ? null : masks.Average(mask => mask.After(points));

    private static CloudsException NoMask(HeldOutData heldOut, int images) => new(
        Failure.BadInput, "there is nothing to point at", heldOut.Spec, $"{images} images without a mask", "masks of more than 16 pixels",
        $"`clouds data show {heldOut.Spec} --out DIR` draws them");
}
