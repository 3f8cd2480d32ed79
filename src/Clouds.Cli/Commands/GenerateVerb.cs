using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Cli.Stores;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Runtime.Distributed;

namespace Clouds.Cli.Commands;

/// <summary>`clouds generate`.</summary>
/// <param name="open">Opens the model that paints, a path's.</param>
internal sealed class GenerateVerb(Func<string, StableDiffusionOptions, IPainter> open) : Verb<GenerateOptions>
{
    public override string Name => "generate";

    public override string Summary => "paint images of prompts with Stable Diffusion";

    public override string Description =>
        "Paints --count images of the prompts into a store, the folder --out: images/000000.png and so on, each of which carries in itself how it was made; "
        + "manifest.jsonl, the same, a line an image; store.json, what they have in common; marks.jsonl, images that show nothing or show what an earlier "
        + "one shows (they stay; data sets may leave them out); index.html, all images with their prompts, and which classes the prompts name; "
        + "steps.png, how image 0 came out of the noise.\n\n"
        + "With --clip a CLIP looks at the images when the last one is there: scores.json has the cosine of each with its prompt, and images that score no "
        + "more with it than with the other prompts on average are marked. Its file is checked before anything is painted.\n\n"
        + "Image j shows prompt j mod their number and has the seed --seed + j, as in the paper (method.md section 5), so images do not depend on "
        + "which of them are made together, nor where: the same command goes on after a kill at any moment and ends with the same files, and a larger "
        + "--count adds to what is there. A store that was made otherwise is refused, and all differences are named. Size, sampler and what else is not "
        + "said are the model's own; --steps 50 and --guidance 7.5 are the paper's.\n\n"
        + "Several processes or machines that see the folder share the work: --shard 1/4 to 4/4 in any order, or the ranks of mpirun. Each has a list of its "
        + $"own (manifest-2-of-4.jsonl), nobody waits for a lock, and together they make what one would. The store is a data set: generated:DIR, or "
        + "generated:DIR?images=unmarked without marked ones.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds generate --model stable-diffusion-2 --prompts prompts.txt --count 5000 --out generated", "The paper's images; the same again goes on."),
        new("clouds generate --model sd15 --prompts prompts.txt --seed 7 --size 512x768 --steps 20 --sampler dpmSolver --out tall", "Other sizes and steps."),
        new("clouds generate --model sd2 --prompts prompts.txt --count 5000 --shard 2/4 --out /shared/generated", "The second of four machines."),
        new("clouds generate --model sd2 --like generated/images/000007.png --out again", "An image once more, with the same pixels."),
        new("clouds generate --model sd2 --like generated/images/000007.png --guidance 3 --count 4 --out other", "With less guidance, and 3 more seeds."),
        new("clouds generate --model sd2 --prompts prompts.txt --out generated --clip clip", "A CLIP looks at the images in the end."),
        new("clouds generate --model sd2 --prompts rain.txt --image street.png --strength 0.5 --out rain", "Every image begins from street.png."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "the command line is wrong, or --out holds images that were made otherwise",
        [(int)Failure.Output] = "the disk is full or cannot be written; all images that are listed are whole",
        [(int)Failure.Numeric] = "an image is no number: with --precision half, single precision may help; otherwise the checkpoint's weights overflow",
        [(int)Failure.Interrupted] = "stopped; all images that are listed are whole, and the same command goes on",
    };

    protected override int Run(GenerateOptions options, VerbContext context)
    {
        CloudsSettings settings = options.LoadSettings().Value;
        StoreShare part = options.Part();
        GenerateRequest request = GenerateRequest.Read(options, context.Progress.Warn);
        context = context.Join(settings.Execution.Ranks);
        RankGroup ranks = context.Ranks.Group;
        OutputFolder.Create(options.Out);
        Func<ClipScorer>? clip = options.Clip is string file && ranks.IsFirst ? () => ModelOptions.LoadClip(file, settings, context) : null;
        clip?.Invoke().Dispose();
        StoreOutcome outcome;
        ImageStore store;
        using (IPainter painter = open(options.Model, PaintOptions(options, settings, context)))
        {
            StorePlan plan = request.Plan(painter.Facts, context.Progress.Warn);
            store = ranks.FirstThenOthers("the store of images", () => ImageStore.Open(options.Out, plan));
            outcome = Paint(store, painter, part.Split(ranks.Rank, ranks.Count), request.Count, options.Batch, context);
        }

        ranks.Meet("the end of the images");
        return ranks.IsFirst ? Finish(store, request.Count, ranks.Count == 1 ? outcome.Painted : null, clip, options, context) : ExitCodes.Success;
    }

    private static StoreOutcome Paint(ImageStore store, IPainter painter, StoreShare share, int count, int batch, VerbContext context)
    {
        StoreForecast forecast = new(store, context.Progress.Warn);
        StoreRemarks remarks = new(context.Progress.Warn);
        StorePainting painting = new(store, painter, share) { Batch = batch, Painted = (Action<StoredNow>)forecast.Painted + remarks.Painted };
        try
        {
            forecast.Begin(painting.Missing(count).Count, share.Indices(count).Count());
            return context.Progress.Track(progress => painting.Run(count, progress, context.Cancellation));
        }
        catch (OperationCanceledException)
        {
            throw new CloudsException(Failure.Interrupted, "stopped before the last image; those that are listed are whole", store.Folder,
                $"{store.Images().Count} of {count} images", next: "the same command goes on");
        }
        catch (CloudsException e) when (e.Failure == Failure.Output)
        {
            throw new CloudsException(e.Failure, e.What, e.Where, e.Found, e.Wanted,
                $"free space: the same command goes on, {store.Images().Count} of {count} images are listed and whole", e);
        }
    }

    // Whoever finishes last has all images and looks at them, with the painter's memory given back; a part of several machines alone does not.
    private static int Finish(ImageStore store, int count, int? painted, Func<ClipScorer>? clip, GenerateOptions options, VerbContext context)
    {
        int there = store.Images().Count;
        StoreReview? review = there < count ? null : Review(store, clip, options.ClipThreshold, context);
        string? page = review is null ? null : StorePages.Write(review);
        if (options.Json)
        {
            (int? marked, double? clipScore) = (review?.Marks.Count, review?.MeanScore);
            context.Out.WriteLine(JsonText.Line(new { store = options.Out, images = there, of = count, painted, marked, clipScore, page }));
        }
        else
        {
            context.Out.WriteLine($"{options.Out}: {there} of {count} images{(painted is int now ? $", {now} painted now" : "")}"
                + (review is null ? "; the other parts are still to be made" : $", {review.Marks.Count} marked{Told(review.MeanScore)}; {page}"));
        }

        return ExitCodes.Success;
    }

    private static StoreReview Review(ImageStore store, Func<ClipScorer>? open, double? least, VerbContext context) => context.Progress.Track(progress =>
    {
        using ClipScorer? clip = open?.Invoke();
        _ = clip is null ? null : StoreScores.Of(store, clip, least, progress, context.Cancellation);
        return StoreReview.Of(store, progress, context.Cancellation);
    });

    private static string Told(double? score) => score is null ? "" : string.Create(CultureInfo.InvariantCulture, $", mean CLIP score {score:0.000}");

    private static StableDiffusionOptions PaintOptions(GenerateOptions options, CloudsSettings settings, VerbContext context) =>
        ModelOptions.Painting(settings, context) with { Precision = options.Precision, Tile = options.Tile, PreviewEvery = 1 };
}
