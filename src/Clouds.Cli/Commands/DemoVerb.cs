using System.Globalization;
using Clouds.Cli.BuiltIn;
using Clouds.Cli.Console;
using Clouds.Cli.Demo;
using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds demo`.</summary>
/// <param name="plan">Sizes of the demonstration without foundation models.</param>
/// <param name="whole">The numbers of the whole method.</param>
/// <param name="quick">The same for --quick.</param>
/// <param name="tools">How its networks are opened.</param>
internal sealed class DemoVerb(DemoPlan plan, MethodPlan whole, MethodPlan quick, Func<CloudsSettings, VerbContext, MethodTools> tools)
    : Verb<DemoVerb.Options>
{
    public override string Name => "demo";

    public override string Summary => "train and test a small segmenter in minutes, with a report";

    public override string Description =>
        "Draws street scenes of one style, trains a small segmenter on them on the processor, and tests it on unseen scenes of that style "
        + "and of five styles that it has never seen: night, fog, snow, rain, an old town. Writes to --out: index.html (the fall from the seen "
        + "to the unseen styles, curves, classes, pictures), overlays, scores, and the trained model in run.\n\n"
        + "It computes on the processor unless --device says otherwise. The number of steps is fixed unless the machine is too slow for the time given; "
        + "then it is lowered, and said.\n\n"
        + "With --models it shows the whole method of the paper in miniature instead, with foundation models that `clouds train clip|sam|vae|diffusion|llm` "
        + "has made: the language model writes prompts, diffusion paints images of them, stage 1 learns from labelled scenes of one style behind the frozen "
        + "encoder of the CLIP, stage 2 goes on with the painted images, their labels those of a teacher, then refined by Segment Anything; all are tested on "
        + "styles that no label was seen of. index.html then explains the method and shows the result beside the paper's, strip.png two unseen styles. Its "
        + "numbers are fixed: the same models give the same result.json again. Ctrl-C keeps what is done; --resume goes on.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds demo", "About three minutes on two cores; then open demo/index.html."),
        new("clouds demo --out tour --minutes 1", "A quick tour."),
        new("clouds demo --models mini --out demo", "The whole method, with the models in mini/clip, mini/sam, mini/diffusion and mini/llm."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a foundation model is missing, or the language model writes too few prompts that can be used",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; with --models, --resume goes on",
    };

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Models is string models)
        {
            return Run(options, () => MethodModels.Below(models), context);
        }

        if (options.Minutes is not (> 0 and < 1000))
        {
            throw new CloudsException(
                Failure.Usage, "the time is out of range", "--minutes", options.Minutes.ToString(CultureInfo.InvariantCulture), "above 0, below 1000");
        }

        ExecutionSettings execution = options.LoadSettings().Value.Execution;
        DeviceName name = options.Device is null ? DeviceName.Cpu : execution.Device;
        using Device device = Device.Open(name, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        OutputFolder.Create(options.Out);
        DemoRun run = new(plan, options.Out, TimeSpan.FromMinutes(options.Minutes), device, execution.Threads, context.Progress.Warn);
        DemoFindings findings = context.Progress.Track(progress => run.Run(progress, context.Cancellation));
        DemoReport report = new(findings, plan);
        string page = report.Write(options.Out);
        ScoreFiles.Write(Path.Combine(options.Out, "scores"), [.. findings.Scores.Values]);
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new
            {
                page,
                findings.Steps,
                trainSeconds = Math.Round(findings.TrainSeconds, 1),
                evaluateSeconds = Math.Round(findings.EvaluateSeconds, 1),
                styles = findings.Scores.ToDictionary(pair => pair.Key.ToString().ToLowerInvariant(), pair => pair.Value.Scores),
            }));
        }
        else
        {
            TextTable.Write(context.Console, DemoReport.StyleColumns, report.StyleRows);
            context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{findings.Steps} steps in {findings.TrainSeconds:0} s, evaluation in {findings.EvaluateSeconds:0} s; see {page}"));
        }

        return ExitCodes.Success;
    }

    private int Run(Options options, Func<Miniatures> models, VerbContext context)
    {
        CloudsSettings settings = options.LoadSettings().Value;
        MethodFolder folder = new(options.Out);
        MethodJob job = new(models, settings, tools(settings, context), context);
        MethodResult result = job.Run([(options.Quick ? quick : whole, folder)], anew: !options.Resume, next: "the same command line with --resume goes on")[0];
        MethodPage.Write(folder.Page, [folder]);
        MethodStrip.Write(folder.Strip, folder);
        MethodText.Write([result], options.Json, folder.Page, context);
        return ExitCodes.Success;
    }

    /// <summary>Where to and how long.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("out", MetaValue = "DIR", HelpText = "Folder of the demonstration. Default: demo.")]
        public string Out { get; set; } = "demo";

        [Option("minutes", MetaValue = "N", HelpText = "Time that training and tests may take. Default: 3.")]
        public double Minutes { get; set; } = 3;

        [Option("models", MetaValue = "DIR", HelpText = "Folder with clip, sam, diffusion and llm: shows the whole method with them.")]
        public string? Models { get; set; }

        [Option("quick", HelpText = "With --models: fewer images and steps, and two arms only; the page says what is left out.")]
        public bool Quick { get; set; }

        [Option("resume", HelpText = "With --models: go on with the run in --out. Without it, an earlier run there is removed.")]
        public bool Resume { get; set; }
    }
}
