using System.Reflection;
using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>
/// How another program names what we name as a CLOUDS checkpoint does: the table of one dialect, models/names/DIALECT.tsv. A line has the
/// program's name and ours; a star stands for any text, the same on both sides. The first line that fits a name counts, and names that no line
/// fits stay as they are. Lines that start with "=" hold names by which a file of the program is known. Keys in front of all names, such as "model."
/// or "state_dict.module.", are found in the file and left out.
/// </summary>
public sealed class NameMap
{
    private const string Folder = "names/";

    private static readonly Assembly Home = typeof(NameMap).Assembly;

    private readonly IReadOnlyList<(string[] Theirs, string[] Ours)> _rules;
    private readonly IReadOnlyList<string> _marks;

    private NameMap(string? dialect, IReadOnlyList<(string[] Theirs, string[] Ours)> rules, IReadOnlyList<string> marks) =>
        (Dialect, _rules, _marks) = (dialect, rules, marks);

    /// <summary>The dialects that have a table.</summary>
    public static IReadOnlyList<string> Dialects =>
        [.. Home.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..]).Order()];

    /// <summary>The program whose names these are; null for our own.</summary>
    public string? Dialect { get; }

    private static NameMap Ours { get; } = new(null, [], []);

    /// <summary>Reads the table of a dialect.</summary>
    /// <param name="dialect">One of <see cref="Dialects"/>.</param>
    public static NameMap Of(string dialect)
    {
        using Stream table = Home.GetManifestResourceStream(Folder + dialect) ?? throw new ArgumentException($"no table of names for {dialect}");
        using StreamReader reader = new(table);
        return Parse(dialect, reader.ReadToEnd());
    }

    /// <summary>Whose names a file has, by the names alone.</summary>
    /// <returns>The dialect, and the keys in front of its names; null where no table knows them.</returns>
    public static (string Dialect, string Below)? Recognise(IEnumerable<string> names)
    {
        HashSet<string> all = names.ToHashSet(StringComparer.Ordinal);
        return Dialects.Select(Of).SelectMany(map => map.FindMarks(all).Select(below => (map, below)))
            .OrderBy(found => TensorScope.Rank(found.below)).ThenByDescending(found => found.map._marks.Count)
            .Select(found => ((string, string)?)(found.map.Dialect!, found.below)).FirstOrDefault();
    }

    /// <summary>
    /// The source under our names, in the dialect, and below the keys, where most parameters are found. Tables are read only where a parameter is not
    /// found under our own name.
    /// </summary>
    /// <param name="source">Weights; they belong to the result.</param>
    /// <param name="parameters">What the network wants.</param>
    public static WeightSource Fit(WeightSource source, IReadOnlyCollection<Parameter> parameters)
    {
        HashSet<string> wanted = parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        int most = source.Tensors.Keys.Count(wanted.Contains);
        (NameMap Map, string Below)? best = null;
        foreach ((NameMap map, string below) in most == wanted.Count ? [] : Candidates(source, wanted.Count))
        {
            int found = TensorScope.NamesBelow(source.Tensors.Keys, below).Select(map.Translate).Distinct(StringComparer.Ordinal).Count(wanted.Contains);
            if (found > most)
            {
                (most, best) = (found, (map, below));
            }
        }

        return best?.Map.Apply(source, best.Value.Below) ?? source;
    }

    /// <summary>Our name for a tensor of theirs.</summary>
    public string Translate(string name)
    {
        foreach ((string[] theirs, string[] ours) in _rules)
        {
            if (Fill(name, theirs, ours) is string translated)
            {
                return translated;
            }
        }

        return name;
    }

    /// <summary>The source under our names.</summary>
    /// <param name="source">Weights; they belong to the result.</param>
    /// <param name="below">Keys in front of the names; tensors without them are left out.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: two tensors get one name.</exception>
    public WeightSource Apply(WeightSource source, string below = "")
    {
        Dictionary<string, TensorEntry> tensors = new(source.Tensors.Count, StringComparer.Ordinal);
        foreach (string theirs in TensorScope.NamesBelow(source.Tensors.Keys, below))
        {
            string name = Translate(theirs);
            if (!tensors.TryAdd(name, source.Tensors[below + theirs] with { Name = name }))
            {
                throw new CloudsException(Failure.Weights, $"two tensors have one name when read as {Dialect} writes them", source.Path,
                    $"'{below}{theirs}' and another for '{name}'", "one tensor a name", "give a file that one program wrote");
            }
        }

        return new WeightSource(source.Path, source.Files, tensors, source.Metadata) { Format = source.Format, Dialect = Dialect, Below = below };
    }

    internal static NameMap Parse(string dialect, string table)
    {
        List<(string[], string[])> rules = [];
        List<string> marks = [];
        foreach (string line in table.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            if (line.StartsWith('='))
            {
                marks.Add(line[1..].Trim());
                continue;
            }

            string[] names = line.Split('\t');
            (string[] theirs, string[] ours) = names.Length == 2 ? (names[0].Split('*'), names[1].Split('*')) : ([], ["", ""]);
            rules.Add(theirs.Length == ours.Length
                ? (theirs, ours)
                : throw new FormatException($"names/{dialect}: '{line}' is not two names, a tab between them, with as many stars in one as in the other"));
        }

        return new NameMap(dialect, rules, marks);
    }

    // Where two dialects find as many parameters, the one that knows the file by its marks goes first.
    private static IEnumerable<(NameMap Map, string Below)> Candidates(WeightSource source, int parameters)
    {
        string? known = Recognise(source.Tensors.Keys)?.Dialect;
        NameMap[] maps = [Ours, .. Dialects.OrderByDescending(dialect => dialect == known).Select(Of)];
        return TensorScope.Candidates(source.Tensors.Keys, parameters).SelectMany(below => maps.Select(map => (map, below)));
    }

    private IEnumerable<string> FindMarks(HashSet<string> names) => _marks.Count == 0 ? [] : names
        .Where(name => name.EndsWith(_marks[0], StringComparison.Ordinal))
        .Select(name => name[..^_marks[0].Length])
        .Where(below => (below.Length == 0 || below.EndsWith('.')) && _marks.All(mark => names.Contains(below + mark)));

    // Each star takes the shortest text that lets the rest fit; the last takes what is left.
    private static string? Fill(string name, string[] theirs, string[] ours)
    {
        if (theirs.Length == 1)
        {
            return name == theirs[0] ? ours[0] : null;
        }

        if (!name.StartsWith(theirs[0], StringComparison.Ordinal) || !name.EndsWith(theirs[^1], StringComparison.Ordinal))
        {
            return null;
        }

        string filled = ours[0];
        int from = theirs[0].Length;
        for (int i = 1; i < theirs.Length; i++)
        {
            int end = i == theirs.Length - 1 ? name.Length - theirs[i].Length : name.IndexOf(theirs[i], from, StringComparison.Ordinal);
            if (end < from)
            {
                return null;
            }

            filled += name[from..end] + ours[i];
            from = end + theirs[i].Length;
        }

        return filled;
    }
}
