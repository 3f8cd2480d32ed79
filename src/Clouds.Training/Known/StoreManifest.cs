using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>
/// The list that whoever generates images keeps beside them: a JSON object a line, whose "file" is an image's path in the folder. Images that it does
/// not name, as a sheet of thumbnails, are none of the set's. Its last line may be cut short, where the writer was killed; processes that make a set
/// together have a list each (<see cref="StoreFiles.Manifests"/>).
/// </summary>
/// <param name="Listed">Names of the set's images that are listed and there; null: there is no list.</param>
/// <param name="Told">What a user should know, a sentence each.</param>
internal sealed record StoreManifest(IReadOnlyList<string>? Listed, IReadOnlyList<string> Told)
{
    /// <summary>The list in a folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="images">Paths of the images in it.</param>
    /// <param name="marked">Whether images with a mark (<see cref="StoreMarks"/>) belong to it.</param>
    /// <exception cref="CloudsException">BadInput: a line is no JSON object with a "file", or no image of the list is there.</exception>
    public static StoreManifest In(string root, IReadOnlyList<string> images, bool marked = true)
    {
        IReadOnlyList<string> lists = StoreFiles.Manifests(root);
        return lists.Count > 0 ? Listing(root, lists, images, marked)
            : marked ? new StoreManifest(null, [])
            : throw Wrong(Path.Combine(root, StoreFiles.Manifest), "no such file", "the list of the images, which marks go with");
    }

    private static StoreManifest Listing(string root, IReadOnlyList<string> lists, IReadOnlyList<string> images, bool marked)
    {
        string where = lists.Count == 1 ? lists[0] : root;
        SampleNames there = new(images.Select(image => Path.ChangeExtension(image, null)));
        string[] listed = [.. lists.SelectMany(Files).Distinct()];
        string[] found = [.. listed.Where(file => there.Find(file) is not null)];
        string[] missing = [.. listed.Except(found)];
        string[] left = marked ? [] : [.. StoreMarks.Read(root).Select(mark => mark.File).Intersect(found)];
        string[] taken = [.. found.Except(left)];
        int others = images.Count - found.Length;
        return taken.Length == 0 ? throw Wrong(where, $"{listed.Length} images, {(found.Length == 0 ? "none of which is there" : "all of which are marked")}",
            "images of this folder") : new StoreManifest(taken,
        [
            .. missing.Length == 0 ? (string[])[] : [$"{where}: {missing.Length} images are listed and not there: {Names(missing)}"],
            .. others == 0 ? (string[])[] : [$"{where}: {others} images are there and not listed; they are left out"],
            .. left.Length == 0 ? (string[])[] : [$"{where}: {left.Length} images are marked and left out"],
        ]);
    }

    private static IEnumerable<string> Files(string path)
    {
        string[] lines = Lines(path);
        foreach ((int number, string line) in lines.Index().Where(line => line.Item.Trim().Length > 0))
        {
            string? file = FileOf(line);
            if (file is null && number < lines.Length - 1)
            {
                throw Wrong(path, $"line {number + 1}: {line[..Math.Min(line.Length, 60)]}", "a JSON object a line, with a \"file\"");
            }

            if (file is not null)
            {
                yield return file;
            }
        }
    }

    // Somebody may be appending to it.
    private static string[] Lines(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return reader.ReadToEnd().TrimEnd('\r', '\n').Split('\n');
    }

    private static string? FileOf(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject entry && entry["file"] is JsonValue file && file.TryGetValue(out string? name) ? name : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Names(string[] names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", .." : "");

    private static CloudsException Wrong(string path, string found, string expected) => new(
        Failure.BadInput, "the list of generated images cannot be used", path, found, expected,
        "correct it, or move it away to take every image of the folder");
}
