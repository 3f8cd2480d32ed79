using Clouds.Cli.Console;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model verify`.</summary>
internal sealed class ModelVerifyVerb : Verb<ModelVerifyVerb.Options>
{
    public override string Name => "model verify";

    public override string Summary => "check that weight files are whole and what they should be";

    public override string Description =>
        "Asks of each file: its structure (a container that is read, every tensor within the file, as long as its shape says; of our own files the digest that "
        + "they carry), its SHA-256 (against --sha256, or what was published for a file of this name), whether every element is finite, and whether it "
        + "is the published model that its tensors say, or --as does. A question that nobody can answer, such as that for a digest that was never "
        + "published, is no failure, and is shown with a dash. Nothing in a file is run.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model verify RN50.pt", "Whole, and as OpenAI published it?"),
        new("clouds model verify models/*.pth --json", "Several, as one JSON object."),
        new("clouds model verify model.pth --as mit_b5 --sha256 1a2b3c4d5e6f7a8b", "It has to be this model, and its digest to begin so."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "nothing failed",
        [ExitCodes.Failed] = "at least one answer of one file is no",
    };

    protected override int Run(Options options, VerbContext context)
    {
        Sha256Text.Require(options.Sha256, "--sha256");
        ModelCatalogue catalogue = options.Catalogue;
        ModelVerification[] files = [.. options.Files.SelectMany(WeightFolder.Parts).Select(file => context.Progress.Track(progress =>
            ModelVerification.Of(file, catalogue, options.Entry, options.Sha256, progress, context.Cancellation)))];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { passed = files.All(file => file.Passed), files }));
        }
        else
        {
            TextTable.Write(context.Console, ["file", "check", "", "what"], files.SelectMany(file => file.Checks.Select(check => new[]
            {
                file.Path, check.Name, check.Passed switch { true => "ok", false => "FAIL", null => "-" }, check.Detail,
            })));
        }

        return files.All(file => file.Passed) ? ExitCodes.Success : ExitCodes.Failed;
    }

    /// <summary>What to verify.</summary>
    internal sealed class Options : CatalogueOptions
    {
        [Value(0, MetaName = "FILE...", Required = true, HelpText =
            "Files of weights, indexes of shards, or folders; of diffusers' folder, all of its networks.")]
        public IEnumerable<string> Files { get; set; } = [];

        [Option("as", MetaValue = "NAME", HelpText = "The published model that each has to be. Default: its tensors tell.")]
        public string? Entry { get; set; }

        [Option("sha256", MetaValue = "HEX", HelpText = "The digest that each has to have, or its first digits, 8 or more.")]
        public string? Sha256 { get; set; }
    }
}
