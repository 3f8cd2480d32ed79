using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>A folder data set as its JSON file describes it; see <see cref="FolderDataset"/> for the keys.</summary>
public sealed record FolderDescription
{
    /// <summary>Reads a description without looking for the files that it speaks of.</summary>
    /// <exception cref="CloudsException">BadInput where the file cannot be read, Usage where it is wrong.</exception>
    public static FolderDescription Read(string path) => FolderDescriptionReader.Read(path);

    /// <summary>What reports call the set. Key "name"; default: the file's name.</summary>
    public required string Name { get; init; }

    /// <summary>Folder that patterns start from, absolute. Key "root", relative to the JSON file; default: its folder.</summary>
    public required string Root { get; init; }

    /// <summary>Pattern of the images. Key "images".</summary>
    public required string Images { get; init; }

    /// <summary>How an image's label file is found. Key "labels"; null: the set has no labels.</summary>
    public LabelRule? Labels { get; init; }

    /// <summary>What the colours of label files mean. Key "labels.colours"; null: they hold ids.</summary>
    public LabelColours? Colours { get; init; }

    /// <summary>How label files below 8 bits are read. Key "labels.scale": "none" or "full"; default: those of two readings are refused.</summary>
    public LabelScale Scale { get; init; }

    /// <summary>Source ids to train ids. Keys "idMap", "ignore", "unlisted".</summary>
    public required IdMap IdMap { get; init; }

    /// <summary>The classes. Key "classes"; default: the 19 of Cityscapes.</summary>
    public required ClassSet Classes { get; init; }

    /// <summary>What the file leaves out and was assumed, and of a known set what of it is missing, a sentence each.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>Which of the images belong to the set. Key "subset"; default: all.</summary>
    public Subset Subset { get; init; } = new();

    /// <summary>Whether numbers in names count as numbers: a2 before a10. Key "order": "name" or "number"; default: "name".</summary>
    public bool OrderedByNumber { get; init; }

    /// <summary>As <see cref="IDataset.ScoredResized"/>. Key "scoredAt": "original" or "resized"; default: "original".</summary>
    public bool ScoredResized { get; init; }

    /// <summary>What of it decides the samples; where files lie and which were picked shows in the samples themselves.</summary>
    internal IReadOnlyList<DataFact> Facts() =>
    [
        new("classes", string.Join(' ', Classes.Names.Select((name, id) => $"{id}:{name.Replace(' ', '_')}"))),
        new("label format", $"{(IdMap.ReadsRed ? "red" : "ids")} scale:{Scale}"),
        new("id map", IdMap.ToString()),
        new("label colours", Colours?.ToString() ?? "none"),
    ];
}

/// <summary>Which samples of a folder belong to the set. The steps are applied in the order of the properties to the sorted names.</summary>
public sealed record Subset
{
    /// <summary>Only these samples, as <see cref="SampleNames"/> reads them; null: all. Keys "names", and "list" for a file with one a line.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Not these samples.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Only samples n, 2n, 3n .. counted from <see cref="Offset"/>; 0: all.</summary>
    public int Every { get; init; }

    /// <summary>All but those that <see cref="Every"/> = n would pick; 0: all. Makes the other half of a split.</summary>
    public int NotEvery { get; init; }

    /// <summary>Position of the first sample that the two above count, 0 .. n - 1.</summary>
    public int Offset { get; init; }

    /// <summary>Samples left out at the start.</summary>
    public int Skip { get; init; }

    /// <summary>At most so many samples; 0: all.</summary>
    public int First { get; init; }
}
