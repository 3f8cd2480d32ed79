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
    public override string Name => "data show";

    public override string Summary => "draw a data set's labels over its images";

    public override string Description =>
        "Writes to --out an overlay of the labels for some samples, spread evenly over the data set (NAME.image.png, NAME.overlay.png), "
        + "and index.html: one page with these pictures and the histogram of classes in the samples shown.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds data show city.json --out look", "Open look/index.html."),
        new("clouds data show streets:night --out look --count 6", "Six night scenes."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Count < 1)
        {
            throw new CloudsException(Failure.Usage, "the number of samples is out of range", "--count", $"{options.Count}", "1 or more");
        }

        IDataset data = DatasetSource.Open(options.Spec, context.Progress.Warn);
        OutputFolder.Create(options.Out);
        int count = Math.Min(options.Count, data.Count);
        HtmlReport page = new HtmlReport(data.Name).AddText($"{count} of {data.Count} samples.");
        ClassHistogram histogram = new(data.Classes);
        context.Progress.Track(progress =>
        {
            for (int i = 0; i < count; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Sample sample = data.Load((int)((long)i * data.Count / count));
                histogram.Add(sample.Labels);
                page.AddImageRow(Write(sample, data.Classes, options.Out));
                progress.Report(new ProgressReport("show", i + 1, count));
            }
        });
        histogram.AddTo(page.AddHeading("Classes"));
        string file = Path.Combine(options.Out, "index.html");
        page.Save(file);
        context.Out.WriteLine(options.Json ? JsonText.Document(new { page = file, samples = count, classes = histogram.Shares }) : file);
        return ExitCodes.Success;
    }

    private static ReportImage[] Write(Sample sample, ClassSet classes, string folder)
    {
        string path = Path.Combine(folder, sample.Name);
        byte[] image = ImageFile.EncodePng(sample.Image);
        byte[] overlay = ImageFile.EncodePng(LabelPainter.Overlay(sample.Image, sample.Labels, classes.Colours, borders: true));
        OutputFolder.Create(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllBytes($"{path}.image.png", image);
        AtomicFile.WriteAllBytes($"{path}.overlay.png", overlay);
        return [new ReportImage(image, sample.Name), new ReportImage(overlay, "labels")];
    }

    /// <summary>What to show and where.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "SPEC", Required = true, HelpText = "The data set: a JSON file, or streets:STYLE.")]
        public string Spec { get; set; } = "";

        [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder for pictures and page.")]
        public string Out { get; set; } = "";

        [Option("count", MetaValue = "N", HelpText = "Number of samples. Default: 12.")]
        public int Count { get; set; } = 12;
    }
}
