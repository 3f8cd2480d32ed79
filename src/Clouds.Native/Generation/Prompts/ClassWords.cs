using System.Text;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Segmentation;

namespace Clouds.Native.Generation.Prompts;

/// <summary>What the classes of a data set are called: the list C of the paper's instruction (section 3.2), with synonyms.</summary>
public sealed partial class ClassWords
{
    private const int Columns = 3;

    private static readonly ClassWord[] Known =
        [.. WordTable.Read("class-words.tsv", Columns).Select(row => new ClassWord(row[0] == "-" ? "" : row[0], row[1], row[2]))];

    private readonly PhraseIndex<string> _index;

    /// <summary>The names of some classes, what is known of names that Cityscapes has too, and further words.</summary>
    /// <param name="classes">
    /// The classes. Names as programs write them are read as people say them: "traffic_light" and "TrafficLight" are traffic lights, "object--car" is a car,
    /// and "car;auto" is both.
    /// </param>
    /// <param name="further">Further words; null: none.</param>
    /// <exception cref="CloudsException">Usage: a further word is of a class that there is not, or has no letter.</exception>
    public ClassWords(ClassSet classes, IReadOnlyList<ClassWord>? further = null)
    {
        Classes = classes.Names;
        (further ?? []).ToList().ForEach(Require);
        Classes.Where(name => !Names(name).Any()).ToList().ForEach(name => throw Nameless(name));
        ClassWord[] names = [.. Classes.SelectMany(name => Names(name).Select(word => new ClassWord(name, word, Spoken(word))))];
        ILookup<string, string> byName = names.ToLookup(word => word.Word, word => word.Class);
        IEnumerable<ClassWord> known =
            Known.SelectMany(word => word.Class.Length == 0 ? [word] : byName[word.Class].Select(name => word with { Class = name }));
        Words = [.. names.Concat(known).Concat(further ?? []).GroupBy(Key).Select(Best)];
        _index = new PhraseIndex<string>(Words.Select(word => (word.Word, word.Class)));
    }

    /// <summary>The 19 classes of Cityscapes.</summary>
    public static ClassWords Cityscapes { get; } = new(ClassSet.Cityscapes);

    /// <summary>The classes, in the order of the class list.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The words, names of classes first.</summary>
    public IReadOnlyList<ClassWord> Words { get; }

    /// <summary>Classes that a text names, each once, in the order of the class list.</summary>
    public IReadOnlyList<string> In(string text)
    {
        HashSet<string> found = [.. _index.In(text)];
        return [.. Classes.Where(found.Contains)];
    }

    /// <summary>Further words from a file: one a line, its class, the word and how a sentence has it, parted by tabs; "#" in front of remarks.</summary>
    /// <exception cref="CloudsException">BadInput: the file cannot be read; Usage: a line lacks the word.</exception>
    public static IReadOnlyList<ClassWord> Read(string path)
    {
        string text = Encoding.UTF8.GetString(WholeFile.Read(path, 1 << 24)).TrimStart('\uFEFF');
        return [.. WordTable.Rows(text, Columns).Select(row => Further(row, path))];
    }

    private static CloudsException Nameless(string name)
        => new(Failure.Usage, "a class has no name that can be read", name, "no letter", "a name with letters", "correct the class list");

    private static ClassWord Further(string[] row, string path)
    {
        if (row[0].Length == 0 || row[1].Length == 0)
        {
            throw new CloudsException(Failure.Usage, "a line of the list of words is incomplete", path, $"'{string.Join(' ', row).Trim()}'",
                "a class, a word and perhaps how a sentence has it, parted by tabs", "correct the line");
        }

        return new ClassWord(row[0] == "-" ? "" : row[0], row[1], row[2].Length > 0 ? row[2] : Spoken(row[1]));
    }

    private void Require(ClassWord word)
    {
        if ((word.Class.Length > 0 && !Classes.Contains(word.Class)) || PhraseIndex<string>.Words(word.Word).Length == 0)
        {
            string? near = NearestName.Find(word.Class, Classes);
            throw new CloudsException(Failure.Usage, "a word is of no class, or no word", word.Word, $"class '{word.Class}'",
                near is null ? $"one of {string.Join(", ", Classes)}" : $"'{near}'", "correct the list of words");
        }
    }

    // Whoever names a word twice means the first class; how a sentence has it is best known where it was written down last.
    private static ClassWord Best(IGrouping<string, ClassWord> same)
    {
        ClassWord first = same.First();
        return first with { Spoken = same.Where(word => word.Class == first.Class).Select(word => word.Spoken).LastOrDefault(said => said.Length > 0, "") };
    }

    private static string Key(ClassWord word) => string.Join(' ', PhraseIndex<string>.Words(word.Word));

    private static IEnumerable<string> Names(string name) => Remark().Replace(name, " ").Split([',', ';', '/', '|'], StringSplitOptions.TrimEntries)
        .Select(part => string.Join(' ', PhraseIndex<string>.Words(Capital().Replace(part.Split("--")[^1], " ")))).Where(part => part.Length > 0);

    private static string Spoken(string word) => IsMany(word) ? word : $"{("aeiouAEIOU".Contains(word[0], StringComparison.Ordinal) ? "an" : "a")} {word}";

    private static bool IsMany(string word)
        => word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && !word.EndsWith("us", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<=\p{Ll})(?=\p{Lu})")]
    private static partial Regex Capital();

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Remark();
}
