using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Distributed;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds refine`.</summary>
/// <param name="open">Opens the network that makes the masks, a file's, and who is to be disposed for it.</param>
internal sealed class RefineVerb(Func<string, CloudsSettings, VerbContext, (IMaskPredictor Masks, IDisposable Owner)> open) : Verb<RefineVerb.Options>
{
    public override string Name => "refine";

    public override string Summary => "refine label maps with the masks of Segment Anything";

    public override string Description =>
        "Takes images and a label map for each (LABELS/NAME.png or NAME.labels.png, train ids, of any origin; or a data set), and does what the paper's "
        + "figure 4 shows: "
        + "components of a class that are large enough give random points, the points give a mask, masks of a class are united and give way where they "
        + "clash. For each image NAME it writes to --out: NAME.refined.png (train ids, 255 = no label), NAME.refined.json (every component: kept or "
        + "dropped and why, points, three scores, chosen mask, conflicts), and with --xray NAME.xray.html, one page that shows all of it. refine.json has the "
        + "statistics of all images.\n\n"
        + "The points depend on the seed, the image's name and the component alone, so results do not depend on which images are refined together. "
        + "Ctrl-C finishes the image; with --skip-existing the same command goes on from there, also after a kill: files appear whole or not at all, and an "
        + "image counts as done only where files, network and settings are still those of its record. An image that cannot be refined does not stop the "
        + "others; such images are listed at the end, and the exit code is 3.\n\n"
        + "All settings are in the section refinement of the configuration; `clouds config show` explains each with its source.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds refine photos labelled --sam mobile_sam.pt --out refined", "What clouds segment has labelled, refined as the paper does."),
        new("clouds refine a.png a.labels.png --sam sam_vit_h_4b8939.pth --out refined --xray", "One image, and a page that shows every step."),
        new("clouds refine photos gt --ids cityscapes --sam mobile_sam.pt --out refined --threshold 0 --points 3", "Foreign ids, every component."),
        new("clouds refine --data city.json --sam mobile_sam.pt --out refined", "Labels in colours or foreign ids, as the data set describes them."),
        new("clouds refine photos labelled --sam mobile_sam.pt --out refined --set refinement.overlap=crossClass", "The paper's text instead of its code."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "an image or a label map could not be used, all others were refined; or one is missing",
        [(int)Failure.Interrupted] = "stopped; the images counted have all their results",
    };

    protected override int Run(Options options, VerbContext context)
    {
        CloudsSettings settings = options.LoadSettings().Value;
        context = context.Join(settings.Execution.Ranks);
        RankGroup ranks = context.Ranks.Group;
        IdMap? ids = options.Ids is null ? null : new IdMap(options.Ids, IdMap.PreparedPairs(options.Ids), ignoreUnlisted: true);
        string network = SamFile.Find(options.Sam, settings.Sam.Variant);
        List<PassedOverFile> passedOver = [];
        RequireOneSource(options);
        IDataset? data = options.Data is null ? null : DatasetSource.Open(options.Data, context.WarnOnce);
        IReadOnlyList<RefineJob> jobs = data is null
            ? RefineJob.For(options.Images!, options.Labels!, passedOver.Add, context.WarnOnce)
            : RefineJob.For(data);
        ClassSet classes = data?.Classes ?? ClassSet.Cityscapes;
        OutputFolder.Create(options.Out);
        RefineOutput output = new(options.Out, options.Seed, settings.Refinement, ids, network, options.Xray, classes);
        RefineTally tally = new(jobs.Count);
        RefineJob[] left = [.. jobs.Where(job => !options.SkipExisting || !Skip(job, output, tally))];
        if (ranks.IsFirst && (options.Overwrite || !options.SkipExisting))
        {
            output.Clear(jobs, options.Overwrite);
        }

        ranks.Meet("earlier results");
        try
        {
            if (left.Length > 0)
            {
                Refine(left, open(network, settings, context), output, tally, settings, context);
            }

            tally.Merge(context.Ranks);
        }
        catch (OperationCanceledException)
        {
            if (ranks.IsFirst)
            {
                tally.Write(options.Out, options.Json, context);
            }

            throw tally.Interrupted(options.Out);
        }

        return ranks.IsFirst ? Report(tally, options, context) : ExitCodes.Success;
    }

    private static int Report(RefineTally tally, Options options, VerbContext context)
    {
        tally.Write(options.Out, options.Json, context);
        return tally.Failed.Count == 0 ? ExitCodes.Success : (int)Failure.BadInput;
    }

    private static void RequireOneSource(Options options)
    {
        bool files = options.Images is not null && options.Labels is not null;
        if (files == options.Data is not null || (options.Data is not null && (options.Images ?? options.Ids) is not null))
        {
            throw new CloudsException(Failure.Usage, "there must be one source of images and label maps", "clouds refine",
                options.Data is null ? $"IMAGES {options.Images ?? "-"}, LABELS {options.Labels ?? "-"}" : "--data with IMAGES, LABELS or --ids",
                "IMAGES and LABELS, or --data SPEC", "`clouds refine --help` shows examples");
        }
    }

    private static bool Skip(RefineJob job, RefineOutput output, RefineTally tally)
    {
        if (output.Existing(job) is not RefineRecord record)
        {
            return false;
        }

        tally.Done.Add(record);
        tally.Skipped++;
        return true;
    }

    private static void Refine(
        RefineJob[] jobs, (IMaskPredictor Masks, IDisposable Owner) network, RefineOutput output, RefineTally tally, CloudsSettings settings,
        VerbContext context)
    {
        using IDisposable owned = network.Owner;
        using PseudoLabelRefiner refiner = new(network.Masks, output.Options, settings.Execution.Threads);
        if (context.Ranks.Group.IsFirst)
        {
            output.Remove(jobs);
        }

        context.Ranks.Group.Meet("label maps to refine");
        context.Progress.Track(progress => context.Ranks.Share("refinement", context.Cancellation, stop =>
            Refine(context.Ranks.Part(jobs), refiner, output, tally, context with { Cancellation = stop }, progress)));
    }

    private static RefineTally Refine(
        RefineJob[] jobs, PseudoLabelRefiner refiner, RefineOutput output, RefineTally tally, VerbContext context, IProgress<ProgressReport> progress)
    {
        int done = 0;
        foreach (RefineInput input in SideBySide.Select(jobs, job => output.Read(job, context.Progress.Warn)))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            try
            {
                tally.Done.Add(output.Refine(input, refiner, context.Cancellation));
            }
            catch (CloudsException e) when (e.Failure == Failure.BadInput)
            {
                tally.Failed.Add(FailedImage.Of(input.Job.Image, e));
            }

            progress.Report(new ProgressReport("refine", ++done, jobs.Length));
        }

        return tally;
    }

    /// <summary>What to refine, with what, and where to write.</summary>
    internal sealed class Options : EmbeddingOptions
    {
        [Value(0, MetaName = "IMAGES", HelpText = "An image, or a folder that is searched for images with all its subfolders.")]
        public string? Images { get; set; }

        [Value(1, MetaName = "LABELS", HelpText = "The image's label map, or a folder of label maps named like the images.")]
        public string? Labels { get; set; }

        [Option("data", MetaValue = "SPEC", HelpText =
            "A data set in place of IMAGES and LABELS: its JSON file, which says what ids or colours mean, or what else `clouds data check` takes.")]
        public string? Data { get; set; }

        [Option("sam", MetaValue = "FILE|DIR|NAME", Required = true, HelpText =
            "Weights of Segment Anything or MobileSAM; a folder with the published files, of which sam.variant names one (default: MobileSAM's, as in the "
            + "paper's code); or the name of a model that `clouds model get` has fetched, for instance mobile_sam; or mini:sam.")]
        public string Sam { get; set; } = "";

        [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder for the results.")]
        public string Out { get; set; } = "";

        [Option("xray", HelpText = "Also write NAME.xray.html: one page that shows every component, its points, its mask, conflicts and the result.")]
        public bool Xray { get; set; }

        [Option("seed", MetaValue = "N", Default = 1UL, HelpText = "Seed of the points.")]
        public ulong Seed { get; set; } = 1;

        [Option("threshold", MetaValue = "PIXELS", HelpText = "Short for refinement.sizeThreshold: components of so many pixels or fewer are dropped.")]
        public int? Threshold { get; set; }

        [Option("points", MetaValue = "N", HelpText = "Short for refinement.points: points a component.")]
        public int? Points { get; set; }

        [Option("ids", MetaValue = "NAME", HelpText = "Prepared id map from the label maps' ids to train ids, as in data sets. Default: they are train ids.")]
        public string? Ids { get; set; }

        [Option("skip-existing", HelpText = "Leave out images whose results lie in --out already and belong to the same files, network and settings.")]
        public bool SkipExisting { get; set; }

        [Option("overwrite", HelpText = "Remove what an earlier run left in --out and this one does not write.")]
        public bool Overwrite { get; set; }

        protected override IEnumerable<string> Shorthands =>
        [
            .. base.Shorthands,
            .. Threshold is null ? Array.Empty<string>() : [$"refinement.sizeThreshold={Threshold}"],
            .. Points is null ? Array.Empty<string>() : [$"refinement.points={Points}"],
        ];
    }
}
