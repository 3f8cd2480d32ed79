using Clouds.Training.Datasets;
using Clouds.Training.Known;
using Clouds.Training.Streets;
using Clouds.Training.Streets.World;

namespace Clouds.Training.Sources;

/// <summary>One way to name a data set. A new source of images is a class that implements <see cref="IImageSet"/> and a row here.</summary>
/// <param name="Names">Words before the colon; none for files, which take what no other scheme does.</param>
/// <param name="Form">What users write, for help and errors.</param>
/// <param name="Open">Opens the set and tells what is not quite right with it; Usage or BadInput where that fails.</param>
/// <param name="OpenIncomplete">The same for a check that wants to find every problem by itself.</param>
/// <param name="Absolute">The text under which the set can be opened from any folder.</param>
public sealed record DatasetScheme(
    IReadOnlyList<string> Names,
    string Form,
    Func<string, Action<string>?, IImageSet> Open,
    Func<string, Action<string>?, IImageSet> OpenIncomplete,
    Func<string, string> Absolute)
{
    /// <summary>Every scheme, files last.</summary>
    public static IReadOnlyList<DatasetScheme> All { get; } =
    [
        new(["streets"], "streets:STYLE?key=value&..", OpenStreets, OpenStreets, spec => spec),
        new(["world"], "world:STYLE?key=value&..", OpenWorld, OpenWorld, spec => spec),
        new([.. KnownSet.All.SelectMany(set => set.Names)], $"{string.Join('|', KnownSet.All.Select(set => set.Name))}:FOLDER?key=value&..",
            (spec, warn) => FolderImages.Open(Known(spec), warn), (spec, warn) => FolderImages.OpenIncomplete(Known(spec), warn),
            spec => KnownSetSpec.Parse(spec).Absolute),
        new([], "the JSON file of a folder data set", FolderImages.Open, FolderImages.OpenIncomplete, Path.GetFullPath),
    ];

    /// <summary>Whether a text is of this scheme: one of its names alone, or with a colon or a question mark behind it.</summary>
    public bool Fits(string spec) => Names.Count == 0 || Names.Contains(spec.Split(':', '?')[0]);

    private static FolderDescription Known(string spec) => KnownSetFolder.Describe(KnownSetSpec.Parse(spec));

    private static StreetDataset OpenStreets(string spec, Action<string>? warn) => new(StreetSpec.Parse(spec));

    private static WorldDataset OpenWorld(string spec, Action<string>? warn) => new(WorldSpec.Parse(spec));
}
