using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>One image with the label map to refine.</summary>
/// <param name="Image">The image's file.</param>
/// <param name="Labels">The label map's file.</param>
/// <param name="Name">First part of the names of its results, below the output folder; different for every job.</param>
internal sealed record RefineJob(string Image, string Labels, string Name)
{
    private const int Shown = 3;

    /// <summary>Reads both as a data set describes them; null where they are files of train ids or of a prepared id map.</summary>
    public Func<Sample>? Load { get; private init; }

    /// <summary>What decides the pixels: files, or what a data set says where they are made.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [Image, Labels];

    /// <summary>What decides them besides.</summary>
    public string Facts { get; private init; } = "";

    // What `clouds segment` writes, and what everybody else does.
    private static readonly string[] Endings = [".png", ".labels.png", ".PNG"];

    /// <summary>The images of an argument, each with its label map.</summary>
    /// <param name="images">An image or a folder.</param>
    /// <param name="labels">A label map, where there is one image; or a folder.</param>
    /// <param name="passOver">Told of each file that is no image.</param>
    /// <param name="warn">Told of folders and files that have several names.</param>
    /// <exception cref="CloudsException">BadInput: there are no images, or label maps are missing, all of which are counted.</exception>
    public static IReadOnlyList<RefineJob> For(string images, string labels, Action<PassedOverFile> passOver, Action<string> warn)
    {
        IReadOnlyList<SegmentJob> found = SegmentJob.For([images], passOver, warn);
        if (File.Exists(labels))
        {
            return found.Count == 1
                ? [new RefineJob(found[0].Image, labels, found[0].Name)]
                : throw new CloudsException(Failure.BadInput, "one label map cannot belong to several images", labels, $"{found.Count} images", "one image",
                    "name a folder of label maps");
        }

        if (!Directory.Exists(labels))
        {
            throw new CloudsException(Failure.BadInput, "there is no such label map or folder", labels, next: "correct the path");
        }

        (SegmentJob Job, string? Labels)[] pairs = [.. found.Select(job => (job, Find(labels, images, job)))];
        string[] missing = [.. pairs.Where(pair => pair.Labels is null).Select(pair => pair.Job.Name)];
        return missing.Length == 0
            ? [.. pairs.Select(pair => new RefineJob(pair.Job.Image, pair.Labels!, pair.Job.Name))]
            : throw new CloudsException(Failure.BadInput, $"{missing.Length} of {found.Count} label maps are missing", labels,
                "no file for " + string.Join(", ", missing.Take(Shown)) + (missing.Length > Shown ? ", .." : ""),
                $"{missing[0]}.png or {missing[0]}.labels.png", "put a label map beside these names, or leave the images out");
    }

    /// <summary>The samples of a data set.</summary>
    public static IReadOnlyList<RefineJob> For(IDataset data)
    {
        string facts = string.Join('\n', data.Facts);
        return [.. Enumerable.Range(0, data.Count).Select(i =>
        {
            IReadOnlyList<string> files = data.Files(i);
            string name = data.SampleName(i);
            return new RefineJob(files.FirstOrDefault(name), files.LastOrDefault(name), name)
            {
                Load = () => data.Load(i), Files = files, Facts = $"{data.Name} {name}\n{facts}",
            };
        })];
    }

    // Below the same folders as the image, or, for a single image, by its name alone.
    private static string? Find(string labels, string images, SegmentJob job)
    {
        string path = Directory.Exists(images)
            ? Path.ChangeExtension(Path.GetRelativePath(images, job.Image), null)
            : Path.GetFileNameWithoutExtension(job.Image);
        return new[] { job.Name, path }.Distinct()
            .SelectMany(stem => Endings.Select(ending => Path.Combine(labels, stem + ending)))
            .FirstOrDefault(file => File.Exists(file) && Path.GetFullPath(file) != Path.GetFullPath(job.Image));
    }
}
