using Clouds.Cli.BuiltIn;
using Clouds.Cli.Console;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model list`.</summary>
/// <param name="miniatures">Models that the program carries.</param>
internal sealed class ModelListVerb(MiniatureList miniatures) : Verb<ModelListVerb.Options>
{
    public override string Name => "model list";

    public override string Summary => "list the published models that are known, and which are here";

    public override string Description =>
        "Lists every published model of the catalogue: what it is, its licence, whether a digest of its files was published, and where such a file lies on "
        + "this machine, by its name: in CLOUDS_MODELS or clouds/models in the user's folder for data, in the present folder, where PyTorch and CLIP keep what "
        + "they fetch, and in the folders of --in. Files are not read; `clouds model verify` does that. Nothing is fetched.\n\n"
        + "Miniatures (mini:clip, mini:sam, mini:diffusion, mini:llm) are small models of the same kinds, which this program's own trainings made on "
        + "computer-drawn streets, and are built in where it was built with them. Their names stand wherever weights are named.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model list", "What is known, and what is here."),
        new("clouds model list clip_rn50 --in /data/weights", "All about one model."),
        new("clouds model list mini:clip", "What a built-in miniature is, how it was made and how good it is."),
        new("clouds model list --json", "The same as one JSON object, with files, addresses and digests."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        if (options.Model is string name && CarriedWeights.IsName(name))
        {
            ShowMiniature(name, options.Json, context);
            return ExitCodes.Success;
        }

        ModelCatalogue catalogue = options.Catalogue;
        CatalogueEntry[] entries = [.. options.Model is null ? catalogue.Entries : [catalogue[options.Model]]];
        LocalModels own = LocalModels.OfUser, named = new([.. options.In]);
        (CatalogueEntry Entry, string[] Here)[] rows = [.. entries.Select(entry => (entry, named.Find(entry).Concat(own.Find(entry)).Distinct().ToArray()))];
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new
            {
                models = rows.Select(row => Document(row.Entry, row.Here)),
                miniatures = options.Model is null ? miniatures.All.Select(one => new { one.Name, one.Card }) : null,
            }));
        }
        else if (options.Model is null)
        {
            TextTable.Write(context.Console, ["model", "what", "licence", "digest", "here"], rows.Select(row => new[]
            {
                row.Entry.Name, row.Entry.Title, row.Entry.Licence ?? "unknown", Digest(row.Entry), row.Here.Length > 0 ? string.Join(", ", row.Here) : "-",
            }).Concat(miniatures.Rows));
        }
        else
        {
            TextTable.Write(context.Console, ["model", rows[0].Entry.Name], [.. About(rows[0].Entry, rows[0].Here)]);
        }

        return ExitCodes.Success;
    }

    private void ShowMiniature(string name, bool json, VerbContext context)
    {
        string[][] about = [.. miniatures.About(name)];
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { miniatures = miniatures.All.Where(one => one.Name == name).Select(one => new { one.Name, one.Card }) }));
        }
        else
        {
            TextTable.Write(context.Console, ["model", name], about);
        }
    }

    private static string Digest(CatalogueEntry entry) => entry.Files.All(file => file.Sha256 is null) ? "none published" : "known";

    private static IEnumerable<string[]> About(CatalogueEntry entry, string[] here) =>
    [
        ["what", entry.Title],
        ["home", $"{entry.Home}"],
        ["licence", entry.LicenceSource is null ? entry.Licence ?? "unknown: ask its home page" : $"{entry.Licence}, {entry.LicenceSource}"],
        ["remark", entry.Remark ?? "-"],
        ["configuration", string.Join(", ", entry.Configuration.Select(pair => $"{pair.Key} = {pair.Value}"))],
        ["tensors", $"{entry.Tensors} with {entry.Parameters} parameters, names of {entry.Names}; list {entry.TensorDigest}"],
        .. entry.Files.SelectMany(file => new[]
        {
            ["file", $"{file.Name ?? "(see its page)"}{(file.Remark is null ? "" : $": {file.Remark}")}"],
            ["  from", file.Url is Uri url ? $"{url}" : $"{file.Page}, with a browser"],
            new[] { "  sha256", file.Sha256 is null ? "nobody has published it" : $"{file.Sha256}{(file.Sha256.Length < 64 ? " .." : "")}, {file.Source}" },
        }),
        .. here.Select(path => new[] { "here", path }),
    ];

    private static object Document(CatalogueEntry entry, string[] here) => new
    {
        entry.Name, entry.Title, entry.Home, entry.Licence, entry.LicenceSource, entry.Remark, entry.Names, entry.Configuration, entry.Tensors,
        entry.Parameters, entry.TensorDigest, entry.Files, here,
    };

    /// <summary>What to list.</summary>
    internal sealed class Options : CatalogueOptions
    {
        [Value(0, MetaName = "MODEL", HelpText = "All about this model only.")]
        public string? Model { get; set; }

        [Option("in", MetaValue = "DIR", HelpText = "Look here, too; may be given several times.")]
        public IEnumerable<string> In { get; set; } = [];
    }
}
