using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds sam`.</summary>
internal sealed class SamVerb : Verb<SamVerb.Options>
{
    public override string Name => "sam";

    public override string Summary => "masks of what points and boxes mean, by Segment Anything";

    public override string Description =>
        "Looks at images, or at all images below folders, with Segment Anything or MobileSAM, and answers prompts about each of them. Each --points is a "
        + "prompt, and so is each --box; where both stand equally often, the first points belong to the first box, and so on. A --mask says where to start "
        + "from, 0 outside and all else inside, and belongs to the prompt in its place, or is a prompt itself where there are no points and boxes.\n\n"
        + "For each image NAME it writes to --out: NAME.sam.P.mask1.png to mask3.png for prompt P (255 inside, 0 outside; a prompt may mean a thing, a part of "
        + "it, or more than it), or NAME.sam.P.mask.png, the one with the best score, with --best; NAME.sam.overlay.png (the best masks in colours over the "
        + "image, points and boxes); and NAME.sam.json (prompts; score, area, box and COCO runs of each mask).\n\n"
        + "With --everything there are no prompts: a grid of points is asked for, and NAME.sam.everything.json has all masks that are good enough, in the form "
        + "of Segment Anything's own mask generator (COCO runs). 1,024 points take a minute or two on a processor; --grid asks for fewer. "
        + "--least-region fills small holes and removes small islands.\n\n"
        + "What the network sees in an image is kept in a cache, so the next prompts about the same image are answered in a fraction of the time. "
        + "An image that cannot be read, or that a prompt does not fit, does not stop the others; such images are listed at the end, and the exit code is 3.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds sam street.jpg --weights mobile_sam.pt --points 340,220 -o masks", "Three masks for what is at column 340, row 220."),
        new("clouds sam street.jpg --weights mobile_sam.pt --points '340,220;90,40,0' --best -o masks", "Its best mask, without what is at column 90, row 40."),
        new("clouds sam street.jpg --weights sam_vit_h_4b8939.pth --box 10,20,300,200 --box 320,40,500,400 -o masks", "Two things in boxes."),
        new("clouds sam a.png --weights mobile_sam.pt --points 34,22 --mask masks/a.sam.1.mask2.png -o better", "A mask that is to be made better."),
        new("clouds sam photos --weights mobile_sam.pt --points 256,256 -o masks --json --no-cache", "What is in the middle of many images, for a program."),
        new("clouds sam street.jpg --weights mobile_sam --points 340,220 -o masks", "The same after `clouds model get mobile_sam`."),
        new("clouds sam street.jpg --weights mobile_sam.pt --everything --grid 16 -o masks", "Everything that 256 points find."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "an image could not be read, or a prompt does not fit it, all others were answered; or an input is missing",
        [(int)Failure.Interrupted] = "stopped; the images listed have all their results",
    };

    protected override int Run(Options options, VerbContext context)
    {
        CloudsSettings settings = options.LoadSettings().Value;
        IReadOnlyList<SamPrompt> prompts = SamPrompt.Parse([.. options.Points], [.. options.Boxes], [.. options.Masks]);
        string[] inputs = [.. options.Inputs];
        SamQuestion question = new(prompts, options.Everything ? EverythingOf(options) : null, options.Best);
        Require(prompts.Count > 0 || options.Everything, "there are no prompts", null, "--points, --box, --mask or --everything");
        Require(prompts.Count == 0 || !options.Everything, "everything is looked for without prompts", "--everything beside prompts", "either");
        Require(inputs.Length > 0, "there is no image to look at", null, "IMAGE...");
        string network = SamFile.Find(options.Weights, settings.Sam.Variant);
        List<PassedOverFile> passedOver = [];
        IReadOnlyList<SegmentJob> jobs = SegmentJob.For(inputs, passedOver.Add, context.Progress.Warn);
        OutputFolder.Create(options.Out);
        SamFiles files = new(options.Out);
        SamTally tally = new(jobs.Count, passedOver);
        using SegmentAnything sam = ModelOptions.LoadSam(network, settings, context);
        SamOutput output = new(sam, ModelOptions.Embeddings(sam, settings, context), question, files);
        files.Clear(jobs, options.Overwrite);
        try
        {
            context.Progress.Track(progress => Answer(jobs, output, question.Steps, tally, context, progress));
        }
        catch (OperationCanceledException)
        {
            tally.Write(options.Json, context);
            throw tally.Interrupted(options.Out);
        }

        tally.Write(options.Json, context);
        return tally.Failed.Count == 0 ? ExitCodes.Success : (int)Failure.BadInput;
    }

    private static void Answer(
        IReadOnlyList<SegmentJob> jobs, SamOutput output, int steps, SamTally tally, VerbContext context, IProgress<ProgressReport> progress)
    {
        long total = (long)jobs.Count * steps;
        for (int i = 0; i < jobs.Count; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long before = (long)i * steps;
            try
            {
                RgbImage image = ImageFile.Read(jobs[i].Image, context.Progress.Warn);
                tally.Done.Add(output.Write(jobs[i], image, done => progress.Report(new ProgressReport("sam", before + done, total)), context.Cancellation));
            }
            catch (CloudsException e) when (e.Failure == Failure.BadInput)
            {
                tally.Failed.Add((jobs[i], e));
                progress.Report(new ProgressReport("sam", before + steps, total));
            }
        }
    }

    private static EverythingOptions EverythingOf(Options options)
    {
        Require(options.Grid is >= 1 and <= 1024, "an option is out of range", $"--grid {options.Grid}", "1..1024");
        Require(options.LeastScore is >= 0 and <= 1, "an option is out of range", $"--least-score {options.LeastScore}", "0..1");
        Require(options.LeastStability is >= 0 and <= 1, "an option is out of range", $"--least-stability {options.LeastStability}", "0..1");
        Require(options.LeastRegion >= 0, "an option is out of range", $"--least-region {options.LeastRegion}", "0 or more pixels");
        return new()
        {
            PointsPerSide = options.Grid, LeastScore = options.LeastScore, LeastStability = options.LeastStability, SmallestRegion = options.LeastRegion,
        };
    }

    private static void Require(bool condition, string what, string? found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, what, "clouds sam", found, expected, "`clouds sam --help` shows examples");
        }
    }

    /// <summary>What to look at, what to look for, and where to write.</summary>
    internal sealed class Options : EmbeddingOptions
    {
        [Value(0, MetaName = "IMAGE...", HelpText = "Images, or folders that are searched for images with all their subfolders.")]
        public IEnumerable<string> Inputs { get; set; } = [];

        [Option("weights", MetaValue = "FILE|DIR|NAME", Required = true, HelpText =
            "Weights of Segment Anything or MobileSAM; a folder with the published files, of which sam.variant names one (default: MobileSAM's); or the name "
            + "of a model that `clouds model get` has fetched: mobile_sam, sam_vit_b, sam_vit_l, sam_vit_h; or mini:sam, the miniature that is built in.")]
        public string Weights { get; set; } = "";

        [Option('o', "out", MetaValue = "DIR", Required = true, HelpText = "Folder for the results.")]
        public string Out { get; set; } = "";

        [Option("points", MetaValue = "X,Y[,0|1];...", HelpText =
            "Points of one prompt, in pixels from the upper left corner: 1 (default) belongs to what is looked for, 0 does not. May be given several times.")]
        public IEnumerable<string> Points { get; set; } = [];

        [Option("box", MetaValue = "X0,Y0,X1,Y1", HelpText = "A box around what is looked for, in pixels. May be given several times.")]
        public IEnumerable<string> Boxes { get; set; } = [];

        [Option("mask", MetaValue = "FILE", HelpText = "PNG mask of the image's size to start from. As many as there are points or boxes, if any.")]
        public IEnumerable<string> Masks { get; set; } = [];

        [Option("everything", HelpText = "No prompts: masks of all that a grid of points finds.")]
        public bool Everything { get; set; }

        [Option("grid", MetaValue = "N", Default = 32, HelpText = "With --everything: points along each side, 1..1024. Default: 32.")]
        public int Grid { get; set; } = 32;

        [Option("least-score", MetaValue = "S", Default = 0.88f, HelpText = "With --everything: masks with a higher score are kept, 0..1. Default: 0.88.")]
        public float LeastScore { get; set; } = 0.88f;

        [Option("least-stability", MetaValue = "S", Default = 0.95f, HelpText =
            "With --everything: masks are kept of which at least this share stays when the threshold moves, 0..1. Default: 0.95.")]
        public float LeastStability { get; set; } = 0.95f;

        [Option("least-region", MetaValue = "N", HelpText =
            "With --everything: holes and islands of fewer than N pixels are filled and removed. Default: 0, masks stay as they are.")]
        public int LeastRegion { get; set; }

        [Option("best", HelpText = "Write the mask with the best score of each prompt instead of all three.")]
        public bool Best { get; set; }

        [Option("overwrite", HelpText = "Remove results of other images that an earlier run left in --out. Without it such a folder is refused.")]
        public bool Overwrite { get; set; }
    }
}
