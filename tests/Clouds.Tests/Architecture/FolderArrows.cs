using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>
/// The arrows inside Clouds.Native. A folder may use what its row names and what those folders may use in turn, but only its own
/// row opens namespaces of the layers below; Settings, and Diagnostics and Randomness of Clouds.Graph, are open to all.
/// </summary>
internal static partial class FolderArrows
{
    private const string Graph = "Clouds.Graph";
    private const string Weights = "Clouds.Graph.Weights";
    private const string Runtime = "Clouds.Runtime";
    private const string Libraries = "Clouds.Runtime.Native";

    /// <summary>Folder, folders beside it that it may use, and namespaces below that it may use.</summary>
    public static readonly IReadOnlyList<Row> Table =
    [
        new("Settings", [], []),
        new("Networks", [], [Graph]),
        new("Images", [], [Libraries]),
        new("Tokenizers", [], []),
        new("Catalogue", [], [Weights]),
        new("Augmentation", ["Images"], []),
        new("Datasets", ["Images"], []),
        new("Checkpoints", [], [Graph, Runtime]),
        new("Segmentation", ["Networks", "Images", "Datasets", "Checkpoints"], [Graph, Runtime]),
        new("Evaluation", ["Datasets", "Networks", "Segmentation"], [Graph, Runtime]),
        new("Diagnosis", ["Images"], [Runtime]),
        new("SourceTraining", ["Networks", "Datasets", "Augmentation", "Checkpoints", "Segmentation", "Settings"], [Graph, Runtime]),
        new("Refinement", ["Networks", "Images"], [Graph, Runtime]),
        new("Generation", ["Networks", "Tokenizers", "Images"], [Graph, Runtime]),
        new("SelfTraining", ["SourceTraining", "Refinement", "Generation", "Checkpoints"], [Graph, Runtime]),
        new("KernelVerification", [], [Runtime]),
        new("Benchmarks", ["KernelVerification"], [Runtime]),
        new("Verification", ["Segmentation", "Evaluation", "SelfTraining", "Catalogue"], [Graph, Runtime]),
    ];

    private static readonly string[] Open = ["Clouds.Graph.Diagnostics", "Clouds.Graph.Files", "Clouds.Graph.Randomness"];

    // Attributes on configuration records, which every folder has.
    private const string OpenFolder = "Settings";

    /// <summary>Every use, in any of the files, of a folder or namespace that the user's row does not allow.</summary>
    /// <param name="files">Files below src/Clouds.Native.</param>
    public static IReadOnlyList<string> Check(IReadOnlyList<SourceFile> files)
    {
        ILookup<string, string> typesOf = files.ToLookup(FolderOf, file => Path.GetFileNameWithoutExtension(file.Path).Split('.')[0]);
        return [.. files.SelectMany(file => CheckFile(file, typesOf))];
    }

    private static IEnumerable<string> CheckFile(SourceFile file, ILookup<string, string> typesOf)
    {
        string folder = FolderOf(file);
        Row? row = Table.FirstOrDefault(row => row.Folder == folder);
        if (row is null)
        {
            return [$"{file.Path} -> {folder}: the folder has no row in FolderArrows.Table; add one that says what it may use"];
        }

        IReadOnlySet<string> reachable = Reachable(folder);
        IEnumerable<string> beside = Uses(file, typesOf)
            .Where(used => used != folder && used != OpenFolder && !reachable.Contains(used))
            .Select(used => $"{file.Path} -> Clouds.Native.{used}: {folder} may use only {List(reachable)}");
        IEnumerable<string> below = Below().Matches(file.Code).Select(match => match.Value).Distinct()
            .Where(used => !row.Namespaces.Concat(Open).Any(allowed => used == allowed || used.StartsWith(allowed + ".")))
            .Select(used => $"{file.Path} -> {used}: {folder} may use only {List(row.Namespaces.Concat(Open))}");
        return beside.Concat(below);
    }

    // Both spellings: Clouds.Native.Images.RgbImage (or a using of it), and Images.RgbImage from inside Clouds.Native.
    private static IEnumerable<string> Uses(SourceFile file, ILookup<string, string> typesOf)
    {
        IEnumerable<string> full = Beside().Matches(file.Code).Select(match => match.Groups[1].Value);
        IEnumerable<string> relative = typesOf
            .Where(folder => folder.Any(type => Regex.IsMatch(file.Code, $@"(?<![\w.]){folder.Key}\.(?:\w+\.)*{type}\b")))
            .Select(folder => folder.Key);
        return full.Concat(relative).Distinct();
    }

    private static HashSet<string> Reachable(string folder)
    {
        HashSet<string> reached = [];
        Queue<string> open = new([folder]);
        while (open.TryDequeue(out string? next))
        {
            foreach (string used in Table.Where(row => row.Folder == next).SelectMany(row => row.Folders).Where(reached.Add))
            {
                open.Enqueue(used);
            }
        }

        return reached;
    }

    private static string FolderOf(SourceFile file) => file.Path.Split('/') is { Length: > 3 } parts ? parts[2] : "(project root)";

    private static string List(IEnumerable<string> names) => string.Join(", ", names.DefaultIfEmpty("nothing beside it"));

    [GeneratedRegex(@"\bClouds\.Native\.(\w+)")]
    private static partial Regex Beside();

    [GeneratedRegex(@"\bClouds\.(?:Graph|Runtime|Cli)\b(?:\.\w+)?")]
    private static partial Regex Below();

    /// <summary>One folder of Clouds.Native.</summary>
    /// <param name="Folder">Its name.</param>
    /// <param name="Folders">Folders beside it.</param>
    /// <param name="Namespaces">Namespaces of the layers below, with all below them.</param>
    internal sealed record Row(string Folder, string[] Folders, string[] Namespaces);
}
