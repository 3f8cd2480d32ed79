using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Known;

/// <summary>
/// The list that whoever generates images keeps beside them: a JSON object a line, whose "file" is an image's path in the folder. Images that it does
/// not name, as a sheet of thumbnails, are none of the set's. Its last line may be cut short, where the writer was killed.
/// </summary>
/// <param name="Listed">Names of the set's images that are listed and there; null: there is no list.</param>
/// <param name="Told">What a user should know, a sentence each.</param>
internal sealed record StoreManifest(IReadOnlyList<string>? Listed, IReadOnlyList<string> Told)
{
    private const string FileName = "manifest.jsonl";

    /// <summary>The list in a folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="images">Paths of the images in it.</param>
    /// <exception cref="CloudsException">BadInput: a line is no JSON object with a "file", or no image of the list is there.</exception>
    public static StoreManifest In(string root, IReadOnlyList<string> images)
    {
        string path = Path.Combine(root, FileName);
        if (!File.Exists(path))
        {
            return new StoreManifest(null, []);
        }

        SampleNames there = new(images.Select(image => Path.ChangeExtension(image, null)));
        string[] listed = [.. Files(path)];
        string[] found = [.. listed.Where(file => there.Find(file) is not null).Distinct()];
        string[] missing = [.. listed.Except(found)];
        int others = images.Count - found.Length;
        return found.Length == 0 ? throw Wrong(path, $"{listed.Length} images, none of which is there", "images of this folder") : new StoreManifest(found,
        [
            .. missing.Length == 0 ? (string[])[] : [$"{path}: {missing.Length} images are listed and not there: {Listing(missing)}"],
            .. others == 0 ? (string[])[] : [$"{path}: {others} images are there and not listed; they are left out"],
        ]);
    }

    private static IEnumerable<string> Files(string path)
    {
        string[] lines = File.ReadAllLines(path);
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

    private static string Listing(string[] names) => string.Join(", ", names.Take(3)) + (names.Length > 3 ? ", .." : "");

    private static CloudsException Wrong(string path, string found, string expected) => new(
        Failure.BadInput, "the list of generated images cannot be used", path, found, expected,
        "correct it, or move it away to take every image of the folder");
}
