using Clouds.Cli.BuiltIn;
using Clouds.Cli.Console;
using Clouds.Cli.Method;
using Clouds.Cli.Method.Pages;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds demo`.</summary>
/// <param name="plan">The numbers of the whole method.</param>
/// <param name="quick">The same for --quick.</param>
/// <param name="tools">How its networks are opened.</param>
internal sealed class DemoVerb(MethodPlan plan, MethodPlan quick, Func<CloudsSettings, VerbContext, MethodTools> tools) : Verb<DemoVerb.Options>
{
    public override string Name => "demo";

    public override string Summary => "the whole method of the paper in miniature, in minutes, with a page that explains it";

    public override string Description =>
        "Does what the paper does, with miniature foundation models that the program carries and computer-drawn streets: a language model writes prompts, a "
        + "diffusion model paints images of them, stage 1 learns from labelled scenes of one style behind the frozen encoder of a CLIP, stage 2 goes on with "
        + "the painted images, their labels those of a teacher, then refined by a Segment Anything; each is tested on styles of which no label was seen. "
        + "Writes to --out: index.html (the method step by step, and the result beside the paper's), strip.png (two unseen styles), result.json, the prompts, "
        + "the painted images, and all trained models.\n\n"
        + "It needs no network. Its numbers are fixed: on one machine the same models give the same result.json again. Ctrl-C keeps what is done; --resume "
        + "goes on.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds demo", "Minutes on two cores; then open demo/index.html."),
        new("clouds demo --quick --out tour", "A minute or two: everything works, the numbers say little."),
        new("clouds demo --models mini --out other", "With the models in mini/clip, mini/sam, mini/diffusion and mini/llm."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "with --resume, --out holds a run of other numbers or models",
        [(int)Failure.BadInput] = "a foundation model is missing, or the language model writes too few prompts that can be used",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; --resume goes on",
    };

    protected override int Run(Options options, VerbContext context)
    {
        CloudsSettings settings = options.LoadSettings().Value;
        MethodFolder folder = new(options.Out);
        MethodJob job = new(() => options.Miniatures, settings, tools(settings, context), context);
        MethodResult result = job.Run([(options.Quick ? quick : plan, folder)], anew: !options.Resume, next: "the same command line with --resume goes on")[0];
        MethodPage.Write(folder.Page, [folder]);
        MethodStrip.Write(folder.Strip, folder);
        MethodText.Write([result], options.Json, folder.Page, context);
        return ExitCodes.Success;
    }

    /// <summary>Where to, with what, and how much.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("out", MetaValue = "DIR", HelpText = "Folder of the demonstration. Default: demo.")]
        public string Out { get; set; } = "demo";

        [Option("models", MetaValue = "DIR", HelpText = "Folder with clip, sam, diffusion and llm in place of the miniatures of the program.")]
        public string? Models { get; set; }

        [Option("quick", HelpText = "Fewer images and steps, and two arms only; the page says what is left out.")]
        public bool Quick { get; set; }

        [Option("resume", HelpText = "Go on with the run in --out. Without it, an earlier run there is removed.")]
        public bool Resume { get; set; }

        /// <summary>The models.</summary>
        /// <exception cref="CloudsException">BadInput or Usage: one is not there.</exception>
        public Miniatures Miniatures => Models is string folder ? MethodModels.Below(folder) : Miniatures.Embedded();
    }
}
