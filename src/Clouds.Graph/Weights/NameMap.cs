using System.Reflection;
using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>
/// How another program names what we name as a CLOUDS checkpoint does: the table of one dialect, models/names/DIALECT.tsv. A line has the
/// program's name and ours; a star stands for any text, the same on both sides. The first line that fits a name counts, and names that no line
/// fits stay as they are.
/// </summary>
public sealed class NameMap
{
    private const string Folder = "names/";

    private static readonly Assembly Home = typeof(NameMap).Assembly;

    private readonly IReadOnlyList<(string[] Theirs, string[] Ours)> _rules;

    private NameMap(string dialect, IReadOnlyList<(string[] Theirs, string[] Ours)> rules) => (Dialect, _rules) = (dialect, rules);

    /// <summary>The dialects that have a table.</summary>
    public static IReadOnlyList<string> Dialects =>
        [.. Home.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..]).Order()];

    /// <summary>The program whose names these are.</summary>
    public string Dialect { get; }

    /// <summary>Reads the table of a dialect.</summary>
    /// <param name="dialect">One of <see cref="Dialects"/>.</param>
    public static NameMap Of(string dialect)
    {
        using Stream table = Home.GetManifestResourceStream(Folder + dialect) ?? throw new ArgumentException($"no table of names for {dialect}");
        using StreamReader reader = new(table);
        return Parse(dialect, reader.ReadToEnd());
    }

    /// <summary>
    /// The source under our names, in the dialect in which most parameters are found. Tables are read only where a parameter is not found under
    /// our own name.
    /// </summary>
    /// <param name="source">Weights; they belong to the result.</param>
    /// <param name="parameters">What the network wants.</param>
    public static WeightSource Fit(WeightSource source, IReadOnlyCollection<Parameter> parameters)
    {
        int most = Found(source.Tensors.Keys.ToHashSet(StringComparer.Ordinal), parameters);
        NameMap? best = null;
        foreach (NameMap map in most == parameters.Count ? [] : Dialects.Select(Of))
        {
            int found = Found(source.Tensors.Keys.Select(map.Translate).ToHashSet(StringComparer.Ordinal), parameters);
            if (found > most)
            {
                (most, best) = (found, map);
            }
        }

        return best?.Apply(source) ?? source;
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
    /// <exception cref="CloudsException"><see cref="Failure.Weights"/>: two tensors get one name.</exception>
    public WeightSource Apply(WeightSource source)
    {
        Dictionary<string, TensorEntry> tensors = new(source.Tensors.Count, StringComparer.Ordinal);
        foreach (TensorEntry tensor in source.Tensors.Values)
        {
            string name = Translate(tensor.Name);
            if (!tensors.TryAdd(name, tensor with { Name = name }))
            {
                throw new CloudsException(Failure.Weights, $"two tensors have one name when read as {Dialect} writes them", source.Path,
                    $"'{tensor.Name}' and another for '{name}'", "one tensor a name", "give a file that one program wrote");
            }
        }

        return new WeightSource(source.Path, source.Files, tensors, source.Metadata) { Dialect = Dialect };
    }

    internal static NameMap Parse(string dialect, string table)
    {
        List<(string[], string[])> rules = [];
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')))
        {
            string[] names = line.TrimEnd('\r').Split('\t');
            (string[] theirs, string[] ours) = names.Length == 2 ? (names[0].Split('*'), names[1].Split('*')) : ([], ["", ""]);
            rules.Add(theirs.Length == ours.Length
                ? (theirs, ours)
                : throw new FormatException($"names/{dialect}: '{line}' is not two names, a tab between them, with as many stars in one as in the other"));
        }

        return new NameMap(dialect, rules);
    }

    private static int Found(HashSet<string> names, IReadOnlyCollection<Parameter> parameters) => parameters.Count(parameter => names.Contains(parameter.Name));

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
