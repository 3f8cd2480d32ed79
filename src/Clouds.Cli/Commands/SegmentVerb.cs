using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Distributed;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds segment`.</summary>
internal sealed class SegmentVerb : Verb<SegmentVerb.Options>
{
    public override string Name => "segment";

    public override string Summary => "label every pixel of images";

    public override string Description =>
        "Runs a trained model on images, or on all images below folders (JPEG, PNG, WebP, TIFF), and writes for each image NAME to --out: "
        + "NAME.labels.png (train ids, with a palette of the class colours), NAME.overlay.png or .jpg (class colours over the image), "
        + "NAME.json (size, share of each class, seconds, device); with --scores also NAME.scores.safetensors (class scores, "
        + "[classes, height, width]).\n\n"
        + "Under mpirun the ranks share the images, and rank 0 reports (docs/distributed.md). "
        + "Links below folders are followed, and a folder that several of them lead to is read once. "
        + "An image that cannot be read does not stop the others; such images are listed at the end, and the exit code is 3. "
        + "Other files of a folder are passed over, and counted at the end by their reasons. "
        + "Ctrl-C finishes the image and lists what was done; with --skip-existing the same command goes on from there.\n\n"
        + "Results that an earlier run left in --out are replaced as a whole where this run writes the same files; where others would stay beside them, "
        + "the folder is refused without --overwrite or --skip-existing.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds segment run/model.safetensors street.jpg --out labelled", "One image."),
        new("clouds segment run/model.safetensors photos more/one.png --out labelled --overlay jpeg", "A folder and an image, small overlays."),
        new("clouds segment run/model.safetensors street.jpg --out labelled --short-side 512 --device cpu", "Faster and coarser."),
        new("clouds segment run photos --out labelled --skip-existing", "The model of a run's folder; images that have all their results are left out."),
        new("clouds segment run/model.safetensors photos --out labelled --device cuda", "On the GPU; an error where it does not work."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "an image could not be read, all others were labelled; or there is no such model or input",
        [(int)Failure.Interrupted] = "stopped; the images listed have all their results",
    };

    protected override int Run(Options options, VerbContext context)
    {
        string[] arguments = [.. options.Inputs];
        if (arguments.Length == 0)
        {
            throw new CloudsException(
                Failure.Usage, "there is no image to label", "clouds segment", null, "MODEL INPUT...", "`clouds segment --help` shows examples");
        }

        string model = ModelPath.Resolve(options.Model, arguments);
        CloudsSettings settings = options.LoadSettings().Value;
        context = context.Join(settings.Execution.Ranks);
        RankGroup ranks = context.Ranks.Group;
        List<PassedOverFile> passedOver = [];
        IReadOnlyList<SegmentJob> jobs = SegmentJob.For(arguments, passedOver.Add, context.WarnOnce);
        SegmentFiles files = new(options.Out, options.Overlay, options.Scores);
        SegmentJob[] open = ranks.FirstThenOthers("earlier results", () => Open(jobs, files, options));
        using Segmenter segmenter = ModelOptions.Load(model, settings, options.ShortSide, options.LongSide, context);
        SegmentTally tally = new(jobs.Count, jobs.Count - open.Length, passedOver);
        if (!options.SkipExisting && ranks.IsFirst)
        {
            files.Remove(jobs);
        }

        ranks.Meet("images to label");
        try
        {
            context.Progress.Track(progress => context.Ranks.Share("labelling", context.Cancellation, stop =>
                Label(context.Ranks.Part(open), segmenter, options, context with { Cancellation = stop }, tally, progress)));
            tally.Merge(context.Ranks);
        }
        catch (Exception failure) when (failure is OperationCanceledException or CloudsException && tally.Count > 0)
        {
            tally.Write(options.Json, context);
            if (failure is OperationCanceledException)
            {
                throw tally.Interrupted(options.Out);
            }

            throw;
        }

        return ranks.IsFirst ? Report(tally, options, context) : ExitCodes.Success;
    }

    private static int Report(SegmentTally tally, Options options, VerbContext context)
    {
        tally.Write(options.Json, context);
        return tally.Failed.Count == 0 ? ExitCodes.Success : (int)Failure.BadInput;
    }

    private static SegmentJob[] Open(IReadOnlyList<SegmentJob> jobs, SegmentFiles files, Options options)
    {
        OutputFolder.Create(options.Out);
        if (options.Overwrite || !options.SkipExisting)
        {
            files.Clear(jobs, options.Overwrite);
        }

        return [.. jobs.Where(job => !options.SkipExisting || !files.IsComplete(job))];
    }

    private static SegmentTally Label(
        SegmentJob[] jobs, Segmenter segmenter, Options options, VerbContext context, SegmentTally tally, IProgress<ProgressReport> progress)
    {
        void Tell() => progress.Report(new ProgressReport("segment", tally.Count, jobs.Length));
        void Fail(SegmentJob job, CloudsException failure)
        {
            tally.Failed.Add(FailedImage.Of(job.Image, failure));
            Tell();
        }

        SegmentOutput output = new(segmenter, options.Out, options.Overlay);
        foreach (SegmentAnswer answer in new SegmentRun(jobs, context.Progress.Warn, Fail, context.Cancellation).Answers(segmenter, options.Scores))
        {
            tally.Done.Add(output.Write(answer));
            Tell();
        }

        return tally;
    }

    /// <summary>What to label and where to write.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "MODEL", Required = true, HelpText = "A model.safetensors written by train, or the folder of the run.")]
        public string Model { get; set; } = "";

        [Value(1, MetaName = "INPUT...", HelpText = "Images, or folders that are searched for images with all their subfolders.")]
        public IEnumerable<string> Inputs { get; set; } = [];

        [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder for the results.")]
        public string Out { get; set; } = "";

        [Option("short-side", MetaValue = "N", HelpText = "Short side in pixels at which the network sees images; 0: their own size. Default: the model's.")]
        public int? ShortSide { get; set; }

        [Option("long-side", MetaValue = "N", HelpText =
            "Long side in pixels that images do not exceed then; 0: any. Default: 2048, or twice the short side where that is more; any with --short-side 0.")]
        public int? LongSide { get; set; }

        [Option("overlay", MetaValue = "png|jpeg", HelpText = "Format of the overlay. Default: png.")]
        public OverlayFormat Overlay { get; set; } = OverlayFormat.Png;

        [Option("overwrite", HelpText =
            "Remove what an earlier run left in --out and this one does not write: other images, other overlays, scores. Without it such a folder is refused.")]
        public bool Overwrite { get; set; }

        [Option("skip-existing", HelpText =
            "Leave out images whose results lie in --out already, whatever model they came from; results of other images stay there too.")]
        public bool SkipExisting { get; set; }

        [Option("scores", HelpText = "Also write the class scores: 4 bytes a pixel and class.")]
        public bool Scores { get; set; }
    }
}
