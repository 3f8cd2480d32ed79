using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>Where the data sets of experiments lie on this machine.</summary>
internal sealed class DataPlaces
{
    private const string Variable = "CLOUDS_DATA";

    private readonly string _root;
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);

    /// <param name="root">Folder with a folder for each set; null: what CLOUDS_DATA names, otherwise "datasets" in the present folder.</param>
    /// <param name="own">Texts NAME=PLACE for sets that lie elsewhere; the place is a folder or a SPEC.</param>
    /// <exception cref="CloudsException">Usage: a text cannot be read, or names no set.</exception>
    public DataPlaces(string? root, IEnumerable<string> own)
    {
        _root = root ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : "datasets");
        foreach (string text in own)
        {
            (string name, string place) = Read(text);
            _own[name] = place;
        }
    }

    /// <summary>The SPEC of a set that an experiment names.</summary>
    /// <param name="name">One of the paper's, or a SPEC, which is given back.</param>
    public string SpecOf(string name) => PaperSet.Find(name) is not PaperSet set ? name
        : _own.TryGetValue(name, out string? place) && !Directory.Exists(place) ? place
        : set.Spec(FolderOf(set));

    /// <summary>The folder in which a set is expected; a SPEC where one was given in its place.</summary>
    public string FolderOf(PaperSet set) => _own.GetValueOrDefault(set.Name)
        ?? set.Folders.Select(folder => Path.Combine(_root, folder)).FirstOrDefault(Directory.Exists)
        ?? Path.Combine(_root, set.Folder);

    /// <summary>Whether something lies there; what, nobody has looked at.</summary>
    public bool Has(string name) => PaperSet.Find(name) is not PaperSet set || _own.ContainsKey(name) || Directory.Exists(FolderOf(set));

    private static (string Name, string Place) Read(string text)
    {
        string[] names = [.. PaperSet.All.Select(known => known.Name)];
        int sign = text.IndexOf('=', StringComparison.Ordinal);
        string name = sign < 1 ? text : text[..sign];
        return sign > 0 && sign < text.Length - 1 && names.Contains(name) ? (name, text[(sign + 1)..]) : throw new CloudsException(
            Failure.Usage, "the place of a data set cannot be read", "--data", text, $"NAME=FOLDER or NAME=SPEC; names: {string.Join(", ", names)}",
            NearestName.Find(name, names) is string near ? $"did you mean '{near}'?" : "for instance --data cityscapes=/data/cityscapes");
    }
}
