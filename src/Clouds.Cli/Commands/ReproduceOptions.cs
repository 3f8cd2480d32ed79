using Clouds.Cli.Experiments;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs of `clouds reproduce`: where data, weights and results lie.</summary>
internal class ReproduceOptions : CommonOptions
{
    [Option('o', "out", MetaValue = "DIR", HelpText = "Folder of the reproductions, with their ledger. Default: reproduction in the present folder.")]
    public string Out { get; set; } = "reproduction";

    [Option("data-root", MetaValue = "DIR", HelpText =
        "Folder of the data sets, a folder for each: gta5, synthia, cityscapes, bdd100k, mapillary_vistas, acdc, generated. "
        + "Default: CLOUDS_DATA, or datasets in the present folder.")]
    public string? DataRoot { get; set; }

    [Option("data", MetaValue = "NAME=PLACE", HelpText =
        "A set that lies elsewhere: cityscapes=/data/cs; the place may also be a SPEC. May be given several times.")]
    public IEnumerable<string> Data { get; set; } = [];

    [Option("weights", MetaValue = "NAME=FILE", HelpText =
        "Published weights that `clouds model list` does not find, by their name there. May be given several times.")]
    public IEnumerable<string> Weights { get; set; } = [];

    /// <summary>The folder.</summary>
    public ReproductionFolder Folder => new(Path.GetFullPath(Out));

    /// <summary>Where data sets lie.</summary>
    public DataPlaces DataPlaces => new(DataRoot, Data);

    /// <summary>Where weights lie.</summary>
    public WeightPlaces WeightPlaces => new(Weights);
}
