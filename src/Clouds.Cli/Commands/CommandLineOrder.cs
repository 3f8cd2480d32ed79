namespace Clouds.Cli.Commands;

/// <summary>Options that every verb has may stand anywhere; parsing wants them behind the verb.</summary>
internal static class CommandLineOrder
{
    private const string Json = "--json";
    private static readonly string[] Flags = [Json, "--verbose"];
    private static readonly string[] WithValue = ["--device", "--config", "--set"];

    /// <summary>Options of every verb.</summary>
    public static IEnumerable<string> Anywhere => [.. Flags, .. WithValue];

    /// <summary>Whether the command line has --json among its options; known before parsing, so that parsing can fail as JSON too.</summary>
    public static bool AsksForJson(IReadOnlyList<string> arguments) => Options(arguments).Contains(Json);

    /// <summary>Whether it has --verbose there.</summary>
    public static bool AsksForMore(IReadOnlyList<string> arguments) => Options(arguments).Contains(Flags[1]);

    /// <summary>Whether an argument is a flag that every verb has.</summary>
    public static bool IsFlag(string argument) => Flags.Contains(argument);

    /// <summary>The same command line with its flags at the end of its options, and what stood before the verb right before them.</summary>
    public static List<string> VerbFirst(IReadOnlyList<string> arguments)
    {
        List<string> options = [.. Options(arguments)];
        List<string> rest = [.. arguments.Skip(options.Count)];
        string[] flags = [.. Flags.Where(options.Contains)];
        options.RemoveAll(Flags.Contains);
        int leading = Leading(options);
        return [.. options[leading..], .. options[..leading], .. flags, .. rest];
    }

    // Words that belong to options of every verb at the beginning of a command line.
    private static int Leading(List<string> options)
    {
        int words = 0;
        while (words < options.Count && WithValue.Contains(options[words].Split('=')[0]))
        {
            words += options[words].Contains('=') ? 1 : 2;
        }

        return Math.Min(words, options.Count);
    }

    private static IEnumerable<string> Options(IReadOnlyList<string> arguments) => arguments.TakeWhile(argument => argument != "--");
}
