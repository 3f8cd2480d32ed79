using System.Text;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Drafts;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds data init`.</summary>
internal sealed class DataInitVerb : Verb<DataInitVerb.Options>
{
    private static readonly string[] Names = ["dataset", "train", "val"];

    public override string Name => "data init";

    public override string Summary => "write the description of a data set by looking at its folder";

    public override string Description =>
        "Looks through a folder, pairs images with labels by their names, looks into the labels, and writes dataset.json (all samples), train.json and "
        + "val.json (the two parts of a split, with the samples listed in train.txt and val.txt) into it. It asks nothing and says what it guessed and "
        + "from what; `clouds data check` and `clouds data show` tell whether the guesses are right.\n\n"
        + "Known by name or content: Cityscapes (label ids and train ids), GTA5, SYNTHIA, BDD100K, ACDC, Mapillary Vistas v1.2, CamVid (ids and colours), "
        + "masks of 0 and 255. Of published sets the ids that they ignore and the size at which they are scored are written too; they can be used without a "
        + "description: `clouds data check --help`. Anything else gets one class for each id or colour found, to be renamed.\n\n"
        + "Folders named train and val are the split; otherwise --val of the samples are, drawn by digests of their names, the same ones each time. "
        + "Nothing is overwritten without --overwrite.\n\n"
        + DescriptionHelp.Text;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds data init photos", "Then: clouds data check photos/dataset.json"),
        new("clouds data init photos --val 0.1 --overwrite", "Again, with a tenth to score on."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "the folder has a description already, and --overwrite was not given",
        [(int)Failure.BadInput] = "no such folder, or no images in it",
    };

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Val is < 0 or >= 1 or double.NaN)
        {
            throw new CloudsException(Failure.Usage, "the share to score on is out of range", "--val", $"{options.Val}", "0 (no split) to below 1");
        }

        string[] there = [.. Names.SelectMany(name => new[] { $"{name}.json", $"{name}.txt" }).Where(name => File.Exists(Path.Combine(options.Folder, name)))];
        if (there.Length > 0 && !options.Overwrite)
        {
            throw new CloudsException(Failure.Usage, "the folder has a description already", options.Folder, string.Join(", ", there),
                "none of these files", "use it, move it away, or give --overwrite to replace these files");
        }

        DatasetDraft draft = DatasetDraft.Of(options.Folder, options.Val, context.Progress.Warn);
        foreach ((string name, string text) in draft.Files)
        {
            AtomicFile.WriteAllBytes(Path.Combine(options.Folder, name), Encoding.UTF8.GetBytes(text));
        }

        there.Where(name => !draft.Files.ContainsKey(name)).ToList().ForEach(name => File.Delete(Path.Combine(options.Folder, name)));
        Report(draft, options, context);
        return ExitCodes.Success;
    }

    private static void Report(DatasetDraft draft, Options options, VerbContext context)
    {
        string[] files = [.. draft.Files.Keys.Select(name => Path.Combine(options.Folder, name))];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { files, guesses = draft.Guesses, train = draft.Train, val = draft.Val }));
            return;
        }

        draft.Guesses.ToList().ForEach(context.Out.WriteLine);
        context.Out.WriteLine($"written: {string.Join(", ", files)}");
        context.Out.WriteLine($"next: clouds data check {files.First(file => file.EndsWith(".json", StringComparison.Ordinal))}");
    }

    /// <summary>Where to look.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "FOLDER", Required = true, HelpText = "The folder of the data set; the description is written into it.")]
        public string Folder { get; set; } = "";

        [Option("val", MetaValue = "SHARE", HelpText = "Share of the samples to score on, below 1, where the folders tell no split; 0: none. Default: 0.2.")]
        public double Val { get; set; } = 0.2;

        [Option("overwrite", HelpText = "Replace dataset, train and val (.json, .txt) of the folder.")]
        public bool Overwrite { get; set; }
    }
}
