using Clouds.Training.Known;

namespace Clouds.Cli.Experiments;

/// <summary>A data set of the paper (method.md section 6.1).</summary>
/// <param name="Name">Its name in experiments and tables.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Folder">The folder below the root of all data sets; sets of one archive share it.</param>
/// <param name="Scheme">The SPEC of a folder, its path left out.</param>
/// <param name="Query">What follows the path in the SPEC.</param>
/// <param name="Images">Images that the paper's numbers are of.</param>
/// <param name="Layout">What has to lie in the folder.</param>
internal sealed record PaperSet(string Name, string Title, string Folder, string Scheme, string Query, int Images, string Layout)
{
    private const string Acdc = "rgb_anon/CONDITION/val and gt/CONDITION/val";

    /// <summary>Every set.</summary>
    public static IReadOnlyList<PaperSet> All { get; } =
    [
        new("gta5", "GTA5", "gta5", "gta5", "", 24_904, "images/00001.png .. and labels/00001.png .."),
        new("synthia", "SYNTHIA-RAND-CITYSCAPES", "synthia", "synthia", "", 9_400, "RGB/0000000.png .. and GT/LABELS/0000000.png .."),
        new("cityscapes_train", "Cityscapes, training set", "cityscapes", "cityscapes", "?split=train", 2_975, "leftImg8bit/train and gtFine/train"),
        new("cityscapes", "Cityscapes, validation set", "cityscapes", "cityscapes", "?split=val", 500, "leftImg8bit/val and gtFine/val"),
        new("bdd100k", "BDD100K, 10K validation set", "bdd100k", "bdd100k", "?split=val", 1_000, "images/10k/val and labels/sem_seg/masks/val"),
        new("mapillary_vistas", "Mapillary Vistas, validation set", "mapillary_vistas", "mapillary", "?split=val", 2_000,
            "validation/images and validation/labels of version 1.2, or validation/v1.2/labels of version 2.0"),
        new("acdc_night", "ACDC night, validation set", "acdc", "acdc", "?condition=night", 106, Acdc),
        new("acdc_snow", "ACDC snow, validation set", "acdc", "acdc", "?condition=snow", 100, Acdc),
        new("acdc_rain", "ACDC rain, validation set", "acdc", "acdc", "?condition=rain", 100, Acdc),
        new("acdc_fog", "ACDC fog, validation set", "acdc", "acdc", "?condition=fog", 100, Acdc),
        new(Generated, "generated images", Generated, Generated, "", 5_000, "PNG files of 768 x 768 pixels, im_I_pP.png: image I of prompt P"),
    ];

    /// <summary>The name of the generated images.</summary>
    public const string Generated = "generated";

    /// <summary>Where one gets it.</summary>
    public string Home => Known.From;

    /// <summary>Folders in which people keep it, the usual one first.</summary>
    public IEnumerable<string> Folders => Known.Names.Prepend(Folder).Distinct();

    private KnownSet Known => KnownSet.Find(Scheme)!;

    /// <summary>The set of a name; null where the paper has none.</summary>
    public static PaperSet? Find(string name) => All.FirstOrDefault(set => set.Name == name);

    /// <summary>What the paper's tables call a set: C, B, M, or the weather.</summary>
    public static string Letter(string name) => name.Split('_') is ["acdc", string condition] ? condition : name[..1].ToUpperInvariant();

    /// <summary>What one asks for to open it.</summary>
    /// <param name="folder">Its folder.</param>
    public string Spec(string folder) => $"{Scheme}:{folder}{Query}";
}
