using Clouds.Diagnostics;

namespace Clouds.Cli.Settings;

/// <summary>A preset that a configuration file starts from.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Origin">File and line.</param>
internal sealed record NamedPreset(string Name, string Origin);

/// <summary>
/// A configuration file and those that it stands on: the member "base" names another file, from the folder of the file that names it, or a preset. What a
/// file says goes before what its base says.
/// </summary>
/// <param name="Files">Their contents without "base", the lowest base first.</param>
/// <param name="Preset">What the lowest of them names; null: nothing.</param>
internal sealed record ConfigurationChain(IReadOnlyList<ObjectNode> Files, NamedPreset? Preset)
{
    /// <summary>The member.</summary>
    public const string Key = "base";

    // Far more than anybody reads; a folder that links to itself could otherwise make a file its own base for ever.
    private const int Most = 16;

    /// <summary>No file at all.</summary>
    public static ConfigurationChain None { get; } = new([], null);

    /// <summary>Reads a file and its bases.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">Where files are read; null: from the disk.</param>
    /// <exception cref="CloudsException">Usage: a file cannot be read, or is a base of itself.</exception>
    public static ConfigurationChain Read(string path, IConfigurationSource? source = null)
    {
        IConfigurationSource files = source ?? IConfigurationSource.Disk;
        List<ObjectNode> nodes = [];
        List<string> seen = [];
        BaseName? named = null;
        while (named is not { IsPreset: true })
        {
            RequireNew(path, seen, named);
            (ObjectNode node, BaseName? next) = Split(SettingSyntax.ReadFile(path, named is null ? files.Read(path) : BaseBytes(files, path, named)));
            nodes.Insert(0, node);
            if (next is null)
            {
                return new ConfigurationChain(nodes, null);
            }

            (named, path) = (next, Path.Combine(Path.GetDirectoryName(path) ?? "", next.Name));
        }

        return new ConfigurationChain(nodes, new NamedPreset(named.Name, named.Origin));
    }

    private static (ObjectNode Own, BaseName? Base) Split(ObjectNode file)
    {
        ObjectNode rest = file with { Members = [.. file.Members.Where(member => member.Key != Key)] };
        return file.Members.FirstOrDefault(member => member.Key == Key).Value switch
        {
            null => (rest, null),
            ScalarNode { Type: ScalarType.Text, Text.Length: > 0 } text => (rest, new BaseName(text.Text, text.Origin)),
            SettingNode other => throw SettingConversion.Mismatch(other, Key, "the name of a file beside this one, or of a preset"),
        };
    }

    private static byte[] BaseBytes(IConfigurationSource files, string path, BaseName named)
    {
        try
        {
            return files.Read(path);
        }
        catch (CloudsException e)
        {
            string? near = NearestName.Find(Path.GetFileName(path), files.Beside(path));
            throw new CloudsException(Failure.Usage, "the base of a configuration file cannot be read", $"{named.Origin}, key '{Key}'",
                $"'{named.Name}', which is {path}: {e.Found}", near is null ? "a file, from the folder of the file that names it" : $"'{near}'",
                near is null ? "correct the name, or copy the base there" : $"did you mean '{near}'?", e);
        }
    }

    private static void RequireNew(string path, List<string> seen, BaseName? named)
    {
        string whole = Path.GetFullPath(path);
        if (seen.Contains(whole) || seen.Count == Most)
        {
            string what = seen.Count == Most ? $"more than {Most} configuration files stand on each other" : "a configuration file is a base of itself";
            throw new CloudsException(Failure.Usage, what, $"{named!.Origin}, key '{Key}'",
                string.Join(" on ", seen.Append(whole).Select(Path.GetFileName)), "a lowest file without a base, or with a preset", "take one \"base\" out");
        }

        seen.Add(whole);
    }

    // Names of presets have neither dots nor folders, names of files have one of them.
    private sealed record BaseName(string Name, string Origin)
    {
        public bool IsPreset => !Name.AsSpan().ContainsAny('.', '/', '\\');
    }
}
