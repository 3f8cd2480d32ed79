using Clouds.Native.Images;

namespace Clouds.Training.Drafts;

/// <summary>Files that belong together by their names: the same folders but for those that vary, the same suffix, the same ending.</summary>
/// <param name="Folders">Their folders as a pattern, closing slash included, or nothing.</param>
/// <param name="Suffix">What a name ends in, for instance "_leftImg8bit", or nothing.</param>
/// <param name="Ending">For instance ".png".</param>
/// <param name="Files">Paths below the set's folder, in ordinal order.</param>
internal sealed record FileSeries(string Folders, string Suffix, string Ending, IReadOnlyList<string> Files)
{
    private const int FewFolders = 4;

    private static readonly string[] ImageFolders =
        ["images", "image", "images_jpg", "img", "imgs", "leftimg8bit", "rgb", "rgb_anon", "jpegimages", "frames", "photos", "pictures", "input", "inputs"];

    private static readonly string[] LabelFolders =
    [
        "labels", "label", "masks", "mask", "gt", "gtfine", "gtcoarse", "annotations", "annotation", "segmentationclass", "seg", "sem_seg", "semantic",
        "targets", "target", "ground_truth", "groundtruth", "labelids", "v1.2", "v2.0", "annot", "colormaps",
    ];

    // What programs answered is no truth.
    private static readonly string[] AnswerFolders =
        ["pred", "preds", "prediction", "predictions", "out", "output", "outputs", "overlay", "overlays", "result", "results", "scores"];

    private static readonly string[] Suffixes =
    [
        "_leftImg8bit", "_rgb_anon", "_rgb", "_image", "_img", "_gtFine_labelTrainIds", "_gtFine_labelIds", "_gtFine_instanceIds", "_gtFine_color",
        "_gtCoarse_labelTrainIds", "_gtCoarse_labelIds", "_gtCoarse_instanceIds", "_gtCoarse_color", "_gt_labelTrainIds", "_gt_labelIds", "_gt_labelColor",
        "_gt_instanceIds", "_gt_invIds", "_labelTrainIds", "_labelIds", "_instanceIds", "_train_id", "_train_color", "_segmentation", "_annotation", "_labels",
        "_label", "_masks", "_mask", "_seg", "_gt", "_L", "_ids", "_color", ".labels",
    ];

    private static readonly string[] Splits = ["train", "training", "trainval", "val", "valid", "validation", "test", "testing"];

    /// <summary>The pattern that finds them.</summary>
    public string Pattern => $"{Folders}*{Suffix}{Ending}";

    /// <summary>Whether a folder or the suffix says that they are labels.</summary>
    public bool NamedAsLabels => Suffix is not ("" or "_leftImg8bit" or "_rgb_anon" or "_rgb" or "_image" or "_img")
        || Folders.Split('/').Any(name => Is(LabelFolders, name) || name.EndsWith("annot", StringComparison.Ordinal));

    /// <summary>Whether a folder says that they are some program's answers.</summary>
    public bool NamedAsAnswers => Folders.Split('/').Any(name => Is(AnswerFolders, name));

    /// <summary>The series of some files, those with most files first.</summary>
    public static IReadOnlyList<FileSeries> Of(IReadOnlyList<string> files)
    {
        bool few = files.Select(First).Distinct().Count() <= FewFolders;
        return
        [
            .. files.Where(file => ImageFile.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant()))
                .GroupBy(file => (Folders: FoldersOf(file, few), Suffix: SuffixOf(file), Ending: Path.GetExtension(file).ToLowerInvariant()))
                .Select(series => new FileSeries(series.Key.Folders, series.Key.Suffix, series.Key.Ending, [.. series]))
                .OrderByDescending(series => series.Files.Count),
        ];
    }

    /// <summary>Whether a folder's name is that of a part of a split.</summary>
    public static bool IsSplit(string folder) => Is(Splits, folder);

    /// <summary>The name of a file without suffix and ending: what an image and its label share.</summary>
    public string Core(string file) => Path.GetFileNameWithoutExtension(file)[..^Suffix.Length];

    private static string FoldersOf(string file, bool few)
    {
        string[] folders = file.Split('/')[..^1];
        return string.Concat(folders.Select((name, level) => Known(name) || (level == 0 && few && !IsSplit(name)) ? $"{name}/" : $"{Varying(name)}/"));
    }

    // SegNet's CamVid: train and trainannot.
    private static string Varying(string name) =>
        name.EndsWith("annot", StringComparison.Ordinal) && IsSplit(name[..^5]) ? "*annot" : "*";

    private static bool Known(string name) => Is(ImageFolders, name) || Is(LabelFolders, name);

    private static string SuffixOf(string file)
    {
        string stem = Path.GetFileNameWithoutExtension(file);
        return Suffixes.FirstOrDefault(suffix => stem.Length > suffix.Length && stem.EndsWith(suffix, StringComparison.Ordinal)) ?? "";
    }

    private static string First(string file) => file.Contains('/', StringComparison.Ordinal) ? file[..file.IndexOf('/', StringComparison.Ordinal)] : "";

    private static bool Is(string[] names, string name) => names.Contains(name.ToLowerInvariant());
}
