using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>
/// Images of a folder with a list of their captions: captions.jsonl, a JSON object a line with "file", an image's path in the folder, and "caption"; or the
/// manifest.jsonl of a store of generated images, whose captions are its prompts. The order is the list's.
/// </summary>
public sealed class CaptionedFolder : ICaptionedImages
{
    private static readonly (string File, string Caption)[] Lists = [("captions.jsonl", "caption"), ("manifest.jsonl", "prompt")];

    private readonly (string File, string Caption)[] _entries;
    private readonly string _folder;
    private readonly Action<string>? _warn;

    private CaptionedFolder(string folder, (string File, string Caption)[] entries, Action<string>? warn) =>
        (_folder, _entries, _warn) = (folder, entries, warn);

    /// <inheritdoc/>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(_folder));

    /// <inheritdoc/>
    public int Count => _entries.Length;

    /// <summary>Reads the list.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="warn">As for <see cref="ImageFile.Read(string, Action{string}?)"/>, from any thread that loads.</param>
    /// <exception cref="CloudsException">BadInput: there is no list, a line has no file or caption, or an image is not there.</exception>
    public static CaptionedFolder Open(string folder, Action<string>? warn = null)
    {
        (string name, string key) = Lists.FirstOrDefault(list => File.Exists(Path.Combine(folder, list.File)));
        if (name is null)
        {
            throw Wrong(folder, "no list", string.Join(" or ", Lists.Select(list => list.File)));
        }

        string path = Path.Combine(folder, name);
        (string Line, int Number)[] lines = [.. File.ReadLines(path).Select((line, i) => (line, i + 1)).Where(line => line.Item1.Trim().Length > 0)];
        (string File, string Caption)[] entries = [.. lines.Select(line => Entry(line.Line, key)
            ?? throw Wrong(path, $"line {line.Number}: {line.Line[..Math.Min(line.Line.Length, 60)]}", $"a JSON object with \"file\" and \"{key}\""))];
        string? missing = entries.Select(entry => entry.File).FirstOrDefault(file => !File.Exists(Path.Combine(folder, file)));
        return entries.Length == 0 ? throw Wrong(path, "nothing", "an image a line")
            : missing is not null ? throw Wrong(path, $"{missing}, which is not there", "images of this folder")
            : new CaptionedFolder(Path.GetFullPath(folder), entries, warn);
    }

    /// <inheritdoc/>
    public string Caption(int index) => _entries[index].Caption;

    /// <inheritdoc/>
    public string SampleName(int index) => Path.ChangeExtension(_entries[index].File, null);

    /// <inheritdoc/>
    public RgbImage LoadImage(int index) => ImageFile.Read(Path.Combine(_folder, _entries[index].File), _warn);

    /// <inheritdoc/>
    public IReadOnlyList<string> Files(int index) => [Path.Combine(_folder, _entries[index].File)];

    private static (string File, string Caption)? Entry(string line, string key)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject entry && Text(entry["file"]) is string file && Text(entry[key]) is string caption
                ? (file, caption) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static CloudsException Wrong(string where, string found, string expected) => new(
        Failure.BadInput, "the list of captions cannot be used", where, found, expected, "correct the list");
}
