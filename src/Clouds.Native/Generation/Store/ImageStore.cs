using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Generation.Store;

/// <summary>
/// A folder of generated images: images/000000.png and so on, each of which says how it was made; a line for each in manifest.jsonl, or in a list for each
/// of the processes that make them together; store.json, what they have in common. An image is there once it is listed. Nothing here waits for a lock, so
/// the folder may lie on a file system that several machines see. As "generated:FOLDER" it is a data set.
/// </summary>
public sealed class ImageStore
{
    private ImageStore(string folder, StorePlan plan) => (Folder, Plan) = (folder, plan);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What its images have in common, as it was asked for last: with the pixels of the start image where they were given.</summary>
    public StorePlan Plan { get; }

    /// <summary>Opens a store that is to be filled, or makes it.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="plan">What its images have in common.</param>
    /// <exception cref="CloudsException">
    /// Usage: it is a store of other images, all differences are named, or holds images that no store has made; Output: it cannot be written; BadInput: its
    /// plan is damaged.
    /// </exception>
    public static ImageStore Open(string folder, StorePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Require(0);
        string path = Path.Combine(folder, StoreFiles.Plan);
        if (!File.Exists(path))
        {
            RequireNoOthers(folder);
            Found(path, plan);
        }

        string[] differences = [.. PlanIn(path).Differences(plan)];
        ImageStore store = new(folder, plan);
        return differences.Length == 0 ? store : throw new CloudsException(
            Failure.Usage, "the folder is a store of images that are made otherwise", folder, string.Join("; ", differences), "the store's own settings",
            store.Images().Count == 0 ? "choose another folder, or remove this one: it has no image yet"
                : "choose another folder, or take the store's settings");
    }

    /// <summary>Opens a store to look at it.</summary>
    /// <exception cref="CloudsException">BadInput: it is none, or its plan is damaged.</exception>
    public static ImageStore Read(string folder)
    {
        string path = Path.Combine(folder, StoreFiles.Plan);
        return File.Exists(path) ? new ImageStore(folder, PlanIn(path)) : throw new CloudsException(
            Failure.BadInput, "the folder is no store of images", folder, $"no {StoreFiles.Plan}", "a folder that images were generated into");
    }

    /// <summary>Images that are listed and there, by number; each once, whoever has listed it.</summary>
    /// <exception cref="CloudsException">BadInput: a list is damaged other than at its end, or cannot be read.</exception>
    public IReadOnlyList<StoredImage> Images()
    {
        HashSet<string> there = [.. Files()];
        return [.. Listed().Values.Where(image => there.Contains(image.File))];
    }

    /// <summary>All that is listed, by number.</summary>
    internal SortedDictionary<int, StoredImage> Listed()
    {
        SortedDictionary<int, StoredImage> listed = [];
        foreach (StoredImage image in StoreFiles.Manifests(Folder).SelectMany(ManifestLines.Read))
        {
            listed.TryAdd(image.Index, image);
        }

        return listed;
    }

    /// <summary>Names of all files among the images, as lists write them.</summary>
    internal IEnumerable<string> Files()
    {
        string images = Path.Combine(Folder, StoreFiles.Images);
        return Directory.Exists(images) ? Directory.EnumerateFiles(images).Select(path => $"{StoreFiles.Images}/{Path.GetFileName(path)}") : [];
    }

    /// <summary>Where a file of the store is.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    private static StorePlan PlanIn(string path) =>
        StoreJson.Read<StorePlan>(Encoding.UTF8.GetString(WholeFile.Read(path))) ?? throw new CloudsException(
            Failure.BadInput, "the plan of a store of images cannot be read", path, "something else", "what was written there",
            "restore the file from any copy, or begin in another folder: each image says how it was made");

    // Several processes may come at once: the first plan stays, and the others are held to it.
    private static void Found(string path, StorePlan plan)
    {
        string mine = Path.Combine(Path.GetDirectoryName(path)!, $".{StoreFiles.Plan}.{Guid.NewGuid():N}.tmp");
        AtomicFile.WriteAllBytes(mine, Encoding.UTF8.GetBytes(StoreJson.Document(plan)));
        try
        {
            File.Move(mine, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(mine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the store cannot be made", path, e.Message, "a folder that can be written", "check permissions", e);
        }
    }

    // The plan is looked for again after the images: another process may have come in between, and writes its plan before any image.
    private static void RequireNoOthers(string folder)
    {
        string images = Path.Combine(folder, StoreFiles.Images);
        bool used = StoreFiles.Manifests(folder).Count > 0 || (Directory.Exists(images) && Directory.EnumerateFileSystemEntries(images).Any());
        if (used && !File.Exists(Path.Combine(folder, StoreFiles.Plan)))
        {
            throw new CloudsException(Failure.Usage, "the folder holds images that this program has not made, or has lost the plan of", folder,
                $"images, and no {StoreFiles.Plan}", "an empty folder, or a store of images", "choose another folder");
        }
    }
}
