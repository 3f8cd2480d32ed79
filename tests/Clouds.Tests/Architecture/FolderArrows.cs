using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>
/// The arrows between the folders of the projects that hold networks, the paper and its proofs. A folder may use what its row names, with all
/// namespaces below, and what the rows of those folders name in turn; but only its own row opens namespaces of Clouds.Graph and Clouds.Runtime.
/// Failures, settings' attributes, strict JSON, atomic files and random streams are open to all.
/// </summary>
internal static partial class FolderArrows
{
    private const string Graph = "Clouds.Graph";
    private const string Models = "Clouds.Models";
    private const string Runtime = "Clouds.Runtime";

    /// <summary>Projects whose folders have rows.</summary>
    public static readonly IReadOnlyList<string> Projects =
        ["src/Clouds.Models", "src/Clouds.Native", "src/Clouds.Server", "src/Clouds.Training", "src/Clouds.Verification"];

    /// <summary>Folder and the namespaces that it may use.</summary>
    public static readonly IReadOnlyList<Row> Table =
    [
        new("Clouds.Models.Layers", [Graph]),
        new("Clouds.Models.Encoders", [Graph, "Clouds.Models.Layers"]),
        new("Clouds.Models.Clip", [Graph, "Clouds.Models.Layers"]),
        new("Clouds.Models.MaskClassifier", [Graph, "Clouds.Models.Layers", "Clouds.Models.Encoders", "Clouds.Models.Clip"]),
        new("Clouds.Models.Sam", [Graph, "Clouds.Models.Layers"]),
        new("Clouds.Models.Diffusion", [Graph, "Clouds.Models.Layers"]),
        new("Clouds.Models.Llama", [Graph]),
        new("Clouds.Models.Portable", [Graph, "Clouds.Models.MaskClassifier", "Clouds.Models.Sam"]),
        new("Clouds.Native.Images", ["Clouds.Runtime.Native"]),
        new("Clouds.Native.Tokenizers", [Graph]),
        new("Clouds.Native.Downloads", []),
        new("Clouds.Native.Catalogue", [Graph, "Clouds.Models.Encoders", "Clouds.Models.MaskClassifier", "Clouds.Native.Downloads"]),
        new("Clouds.Native.Segmentation", [Graph, Runtime, Models, "Clouds.Native.Images"]),
        new("Clouds.Native.Generation",
            [
                Graph, Runtime, Models, "Clouds.Native.Images", "Clouds.Native.Segmentation", "Clouds.Native.Tokenizers", "Clouds.Native.Catalogue",
                "Clouds.Native.Downloads",
            ]),
        new("Clouds.Native.Refinement", [Graph, Runtime, "Clouds.Native.Images"]),
        new("Clouds.Native.Sam", [Graph, Runtime, Models, "Clouds.Native.Images", "Clouds.Native.Segmentation", "Clouds.Native.Refinement"]),
        new("Clouds.Native.Portable", [Graph, Runtime, Models, "Clouds.Native.Segmentation"]),
        new("Clouds.Training.Datasets", ["Clouds.Native.Images", "Clouds.Native.Segmentation"]),
        new("Clouds.Training.Known", ["Clouds.Training.Datasets", "Clouds.Native.Generation"]),
        new("Clouds.Training.Drafts", ["Clouds.Native.Images", "Clouds.Native.Segmentation", "Clouds.Training.Datasets", "Clouds.Training.Known"]),
        new("Clouds.Training.Streets", ["Clouds.Training.Datasets"]),
        new("Clouds.Training.Sources", ["Clouds.Training.Datasets", "Clouds.Training.Known", "Clouds.Training.Streets"]),
        new("Clouds.Training.Augmentation", ["Clouds.Native.Images"]),
        new("Clouds.Training.Evaluation", [Graph, Runtime, "Clouds.Native.Segmentation", "Clouds.Training.Datasets"]),
        new("Clouds.Training.Tracking", []),
        new("Clouds.Training.Engine", [Graph, Runtime, "Clouds.Training.Tracking"]),
        new("Clouds.Training.Averaging", [Graph, Models, "Clouds.Training.Engine"]),
        new("Clouds.Training.Validation",
            [
                Runtime, "Clouds.Native.Segmentation", "Clouds.Training.Engine", "Clouds.Training.Datasets", "Clouds.Training.Sources",
                "Clouds.Training.Evaluation",
            ]),
        new("Clouds.Training.SourceTraining",
            [
                Graph, Runtime, Models, "Clouds.Native.Tokenizers", "Clouds.Native.Segmentation", "Clouds.Training.Engine", "Clouds.Training.Datasets",
                "Clouds.Training.Augmentation", "Clouds.Native.Refinement", "Clouds.Training.Validation",
            ]),
        new("Clouds.Training.SelfTraining",
            [
                Graph, Runtime, "Clouds.Models.Encoders", "Clouds.Models.MaskClassifier", "Clouds.Native.Images", "Clouds.Native.Refinement",
                "Clouds.Native.Segmentation", "Clouds.Training.Engine", "Clouds.Training.Datasets", "Clouds.Training.Augmentation",
                "Clouds.Training.SourceTraining",
            ]),
        new("Clouds.Training.Promptable",
            [Graph, Runtime, Models, "Clouds.Training.Engine", "Clouds.Training.Datasets", "Clouds.Training.SourceTraining"]),
        new("Clouds.Training.Diffusion",
            [
                Graph, Runtime, Models, "Clouds.Native.Images", "Clouds.Native.Tokenizers", "Clouds.Training.Engine", "Clouds.Training.Datasets",
                "Clouds.Training.Augmentation", "Clouds.Training.SourceTraining",
            ]),
        new("Clouds.Training.Contrastive",
            [
                Graph, Runtime, Models, "Clouds.Native.Images", "Clouds.Native.Tokenizers", "Clouds.Training.Engine", "Clouds.Training.Datasets",
                "Clouds.Training.Augmentation", "Clouds.Training.SourceTraining", "Clouds.Training.Diffusion",
            ]),
        new("Clouds.Training.Foundation",
            [
                Graph, "Clouds.Native.Images", "Clouds.Native.Catalogue", "Clouds.Native.Generation", "Clouds.Native.Sam",
                "Clouds.Native.Segmentation", "Clouds.Training.Datasets", "Clouds.Training.Augmentation", "Clouds.Training.Streets",
            ]),
        new("Clouds.Training.Packing",
            [
                Graph, "Clouds.Training.Engine", "Clouds.Training.Contrastive", "Clouds.Training.Promptable", "Clouds.Training.Diffusion",
                "Clouds.Training.Language",
            ]),
        new("Clouds.Training.Language",
            [
                Graph, Runtime, "Clouds.Models.Llama", "Clouds.Native.Generation", "Clouds.Training.Engine", "Clouds.Training.SourceTraining",
                "Clouds.Training.Datasets", "Clouds.Training.Streets",
            ]),
        new("Clouds.Training.Released",
            [Graph, Runtime, Models, "Clouds.Native.Images", "Clouds.Native.Segmentation", "Clouds.Training.SourceTraining"]),
        new("Clouds.Server.Options", ["Clouds.Native"]),
        new("Clouds.Server.Requests", ["Clouds.Native", "Clouds.Server.Options"]),
        new("Clouds.Server.Measures", ["Clouds.Server.Requests"]),
        new("Clouds.Server.Routes", ["Clouds.Native", "Clouds.Server.Requests", "Clouds.Server.Measures"]),
        new("Clouds.Server.Hosting", ["Clouds.Native", "Clouds.Server.Routes"]),
        new("Clouds.Verification.Kernels", [Graph, Runtime]),
        new("Clouds.Verification.Benchmarks",
            [
                Graph, Runtime, "Clouds.Native.Images", "Clouds.Native.Refinement", "Clouds.Training.Datasets", "Clouds.Training.Augmentation",
                "Clouds.Training.Engine", "Clouds.Verification.Kernels", "Clouds.Models.Llama", "Clouds.Native.Generation",
            ]),
        new("Clouds.Verification.Golden", [Graph, Runtime, Models, "Clouds.Native", "Clouds.Training"]),
    ];

    private static readonly string[] Open =
        ["Clouds.Diagnostics", "Clouds.Graph.Settings", "Clouds.Graph.Files", "Clouds.Graph.Json", "Clouds.Graph.Randomness"];

    /// <summary>Every use, in any of the files, of a namespace that the user's row does not allow.</summary>
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

        string[] allowed = [.. Reachable(row).Append(folder), .. Open];
        return Uses(file, typesOf)
            .Where(used => !allowed.Any(name => used == name || used.StartsWith(name + ".")))
            .Select(used => $"{file.Path} -> {used}: {folder} may use only {string.Join(", ", row.Namespaces.Concat(Open))}");
    }

    // Both spellings: Clouds.Native.Images.RgbImage (or a using of it), and Images.RgbImage from inside Clouds.Native.
    private static IEnumerable<string> Uses(SourceFile file, ILookup<string, string> typesOf)
    {
        IEnumerable<string> full = Full().Matches(file.Code).Select(match => match.Value);
        IEnumerable<string> relative = typesOf
            .Where(folder => folder.Any(type => Regex.IsMatch(file.Code, $@"(?<![\w.]){folder.Key.Split('.')[^1]}\.(?:\w+\.)*{type}\b")))
            .Select(folder => folder.Key);
        return full.Concat(relative).Distinct();
    }

    private static IReadOnlySet<string> Reachable(Row row)
    {
        HashSet<string> reached = [.. row.Namespaces];
        Queue<string> open = new(row.Namespaces);
        while (open.TryDequeue(out string? next))
        {
            IEnumerable<string> beyond =
                Table.Where(other => other.Folder == next || other.Folder.StartsWith(next + ".")).SelectMany(other => other.Namespaces);
            foreach (string used in beyond.Where(name => !name.StartsWith(Graph) && !name.StartsWith(Runtime)).Where(reached.Add))
            {
                open.Enqueue(used);
            }
        }

        return reached;
    }

    private static string FolderOf(SourceFile file) => string.Join('.', file.Path.Split('/')[1..^1].Take(2));

    [GeneratedRegex(@"\bClouds\.(?:Diagnostics|Graph|Models|Runtime|Native|Server|Training|Verification|Cli)\b(?:\.\w+)?")]
    private static partial Regex Full();

    /// <summary>One folder.</summary>
    /// <param name="Folder">Its namespace.</param>
    /// <param name="Namespaces">Namespaces that it may use, with all below them.</param>
    internal sealed record Row(string Folder, string[] Namespaces);
}
