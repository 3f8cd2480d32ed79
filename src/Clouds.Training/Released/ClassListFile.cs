using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Released;

/// <summary>
/// Reads a list of classes from a file. As text: a class a line in the order of the train ids, its names with commas between them, its own first, perhaps
/// behind a number and a colon as FC-CLIP's lists have it; # begins a comment. As JSON: a list of names or of { "name", "colour", "synonyms" }, or an
/// object with such a list, or the word "cityscapes", under "classes", as the description of a data set has it.
/// </summary>
public static partial class ClassListFile
{
    private const string Next = "write a class a line, its names with commas between them, for instance: road, railroad";

    // FC-CLIP's placeholder for ids that are no class.
    private const string NoClass = "invalid_class_id";

    /// <summary>Reads a file.</summary>
    /// <exception cref="CloudsException">BadInput: it cannot be read, or is none such; Usage: no class, too many, or a name twice.</exception>
    public static ClassList Read(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            return text.TrimStart() is ['[' or '{', ..] ? OfJson(File.ReadAllBytes(path), path) : OfText(text, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "a list of classes cannot be read", path, e.Message, "a text file", Next, e);
        }
    }

    private static ClassList OfText(string text, string path)
    {
        List<IReadOnlyList<string>> classes = [];
        int? number = null;
        foreach ((int index, string line) in text.Split('\n').Select(line => line.Split('#')[0].Trim()).Index().Where(line => line.Item.Length > 0))
        {
            Match parts = Numbered().Match(line);
            int? found = parts.Groups[1].Success ? int.Parse(parts.Groups[1].Value, CultureInfo.InvariantCulture) : null;
            string[] names = [.. parts.Groups[2].Value.Split(',').Select(name => name.Trim())];
            if (names.Contains("") || (classes.Count > 0 && found != number + 1))
            {
                throw new CloudsException(Failure.BadInput, "a line of a list of classes cannot be understood", $"{path}, line {index + 1}",
                    $"'{line}'", names.Contains("") ? "names, none of them empty" : "all lines numbered one after the other, or none", Next);
            }

            number = found;
            classes.AddRange(names[0] == NoClass ? [] : [names]);
        }

        return ClassList.Named(classes);
    }

    private static ClassList OfJson(byte[] text, string path)
    {
        StrictJson json = StrictJson.Parse(text, new JsonOrigin("the list of classes", path, Failure.BadInput, Next));
        StrictJson list = json.Kind == JsonValueKind.Object ? json.Get("classes") : json;
        if (list.Kind == JsonValueKind.String)
        {
            _ = list.OneOf("cityscapes");
            return ClassList.Cityscapes;
        }

        IReadOnlyList<StrictJson> items = list.Items();
        ClassList named = ClassList.Named([.. items.Select(Names)]);
        return named with { Classes = new ClassSet(named.Classes.Names, [.. items.Select((item, id) => Colour(item) ?? named.Classes.Colours[id])]) };
    }

    private static IReadOnlyList<string> Names(StrictJson item)
    {
        if (item.Kind == JsonValueKind.String)
        {
            return [item.Text()];
        }

        string name = item.WithKeys("name", "colour", "synonyms").Get("name").Text();
        string[] synonyms = [.. item.Find("synonyms")?.Items().Select(synonym => synonym.Text()) ?? []];
        return [.. synonyms.Prepend(name).Distinct()];
    }

    private static RgbColour? Colour(StrictJson item) =>
        item.Kind == JsonValueKind.String || item.Find("colour") is not StrictJson colour ? null
        : colour.Items() is [StrictJson red, StrictJson green, StrictJson blue]
            ? new RgbColour((byte)red.Number(0, 255), (byte)green.Number(0, 255), (byte)blue.Number(0, 255))
            : throw colour.Wrong("[red, green, blue]");

    [GeneratedRegex(@"^(?:(\d{1,6})\s*:)?(.*)$")]
    private static partial Regex Numbered();
}
