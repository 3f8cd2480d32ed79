using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Evaluation;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds data show`.</summary>
internal sealed class DataShowVerb : Verb<DataShowVerb.Options>
{
    private static readonly string[] Kinds = ["image", "overlay", "masks"];

    public override string Name => "data show";

    public override string Summary => "draw a data set's labels over its images";

    public override string Description =>
        "Writes to --out an overlay of the labels for some samples, spread evenly over the data set (NAME.image.png, NAME.overlay.png), "
        + "and index.html: one page with these pictures, the legend of their colours, "
        + "and the histogram of classes in the samples shown. Sets without labels show their images. Captions stand below their images; "
        + "masks of no class, where a set has them, are a picture of their own (NAME.masks.png).";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds data show city.json --out look", "Open look/index.html."),
        new("clouds data show streets:night --out look --count 6", "Six night scenes."),
        new("clouds data show world:wide --out look", "Captioned scenes of the wide world, with labels and masks."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a sample could not be read; the others are shown",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Count < 1)
        {
            throw new CloudsException(Failure.Usage, "the number of samples is out of range", "--count", $"{options.Count}", "1 or more");
        }

        IImageSet set = DatasetSource.OpenImages(options.Spec, context.Progress.Warn);
        OutputFolder.Create(options.Out);
        int count = Math.Min(options.Count, set.Count);
        int[] shown = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * set.Count / count))];
        OutputFolder.Clear(options.Out, Stale(options.Out, set, shown), options.Overwrite);
        HtmlReport page = new HtmlReport(set.Name).AddText($"{count} of {set.Count} samples{(set is IDataset ? "" : ", without labels")}.");
        if (set is IDataset drawn)
        {
            page.AddHeading("Legend").AddLegend([.. drawn.Classes.Names.Zip(drawn.Classes.Colours)]).AddText("Pixels without a colour are ignored.");
        }

        ClassHistogram? histogram = set is IDataset labelled ? new ClassHistogram(labelled.Classes) : null;
        List<DatasetProblem> failed = [];
        context.Progress.Track(progress =>
        {
            for (int i = 0; i < count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                try
                {
                    page.AddImageRow(Show(set, shown[i], options.Out, histogram));
                }
                catch (CloudsException e) when (e.Failure == Failure.BadInput)
                {
                    failed.Add(DatasetProblem.Of(set.SampleName(shown[i]), e));
                }

                progress.Report(new ProgressReport("show", i + 1, count));
            }
        });
        failed.ForEach(problem => page.AddText($"{problem.Sample}: {problem.What}"));
        histogram?.AddTo(page.AddHeading("Classes"));
        string file = Path.Combine(options.Out, "index.html");
        page.Save(file);
        context.Out.WriteLine(options.Json ? JsonText.Line(new { page = file, samples = count, classes = histogram?.Shares, failed }) : file);
        ProblemGroup.Of(failed).ToList().ForEach(group => context.Progress.Warn($"{set.Name}: {group.LeftOut(count)}"));
        return failed.Count == 0 ? ExitCodes.Success : (int)Failure.BadInput;
    }

    private static IReadOnlyList<string> Stale(string folder, IImageSet set, int[] shown)
    {
        HashSet<string> ours = [.. shown.SelectMany(i => Kinds.Select(kind => $"{set.SampleName(i)}.{kind}.png"))];
        return File.Exists(Path.Combine(folder, "index.html"))
            ? FolderWalk.Files(folder, name => !ours.Contains(name) && Kinds.Any(kind => name.EndsWith($".{kind}.png", StringComparison.Ordinal)))
            : [];
    }

    private static ReportImage[] Show(IImageSet set, int index, string folder, ClassHistogram? histogram)
    {
        string name = set.SampleName(index);
        Sample? sample = (set as IDataset)?.Load(index);
        RgbImage image = sample?.Image ?? set.LoadImage(index);
        string caption = set is ICaptionedImages captioned ? $"{name}: {captioned.Caption(index)}" : name;
        List<ReportImage> row = [Write(name, "image", caption, image, folder)];
        if (sample is not null)
        {
            histogram!.Add(sample.Labels);
            RgbImage overlay = LabelPainter.Overlay(image, sample.Labels, ((IDataset)set).Classes.Colours, borders: true);
            row.Add(Write(name, "overlay", "labels", overlay, folder));
        }

        if (set is IMaskedImages masked)
        {
            MaskedImage things = masked.Load(index);
            row.Add(Write(name, "masks", $"{things.Masks.Count} masks", MaskColours.Over(things), folder));
        }

        return [.. row];
    }

    private static ReportImage Write(string name, string kind, string caption, RgbImage image, string folder)
    {
        string path = Path.Combine(folder, $"{name}.{kind}.png");
        byte[] png = ImageFile.EncodePng(image);
        OutputFolder.Create(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllBytes(path, png);
        return new ReportImage(png, caption);
    }

    /// <summary>What to show and where.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "SPEC", Required = true, HelpText = "The data set, labelled or not, as for `clouds data check`.")]
        public string Spec { get; set; } = "";

        [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder for pictures and page.")]
        public string Out { get; set; } = "";

        [Option("overwrite", HelpText = "Remove the pictures of an earlier run from --out; without it such a folder is refused.")]
        public bool Overwrite { get; set; }

        [Option("count", MetaValue = "N", HelpText = "Number of samples. Default: 12.")]
        public int Count { get; set; } = 12;
    }
}
