using Clouds.Cli.Console;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Help that teaches: what a verb does, its options, examples and exit codes, from the verb's own description.</summary>
internal static class HelpPage
{
    private const int Width = 96;
    private const string Indent = "  ";

    /// <summary>The list of verbs.</summary>
    public static void WriteOverview(TextWriter writer, IReadOnlyList<Verb> verbs, string? firstWord = null)
    {
        writer.WriteLine(firstWord is null ? "clouds: train, run and check domain-generalised semantic segmentation." : $"clouds {firstWord}");
        writer.WriteLine();
        writer.WriteLine($"usage: clouds {firstWord ?? "VERB"} {(firstWord is null ? "" : "VERB ")}[arguments] [options]");
        writer.WriteLine();
        IEnumerable<Verb> shown = verbs.Where(verb => firstWord is null || verb.Name.StartsWith($"{firstWord} ", StringComparison.Ordinal));
        WritePairs(writer, [.. shown.Select(verb => (verb.Name, verb.Summary))]);
        writer.WriteLine();
        writer.WriteLine($"`clouds VERB --help` explains a verb with examples.");
        WriteExitCodes(writer, new Dictionary<int, string>());
    }

    /// <summary>The page of one verb.</summary>
    public static void Write(TextWriter writer, Verb verb)
    {
        string values = string.Concat(OptionParser.Values(verb).Select(pair => pair.Value.Required ? $" {pair.Value.MetaName}" : $" [{pair.Value.MetaName}]"));
        writer.WriteLine($"clouds {verb.Name}: {verb.Summary}");
        writer.WriteLine();
        writer.WriteLine($"usage: clouds {verb.Name}{values} [options]");
        writer.WriteLine();
        foreach (string paragraph in verb.Description.ReplaceLineEndings("\n").Split('\n'))
        {
            WriteWrapped(writer, paragraph, "");
        }

        writer.WriteLine();
        writer.WriteLine("arguments and options:");
        WritePairs(writer, [
            .. OptionParser.Values(verb).Select(pair => (pair.Value.MetaName, pair.Value.HelpText)),
            .. OptionParser.Options(verb).Select(pair => (Usage(pair.Option), pair.Option.HelpText)),
            ("--help", "Show this page."),
        ]);
        writer.WriteLine();
        writer.WriteLine("examples:");
        foreach (Example example in verb.Examples)
        {
            writer.WriteLine($"{Indent}{example.CommandLine}");
            WriteWrapped(writer, example.Purpose, Indent + Indent + Indent);
        }

        WriteExitCodes(writer, verb.ExitNotes);
    }

    /// <summary>An option with its value, for instance `--case GLOB`.</summary>
    public static string Usage(OptionAttribute option)
        => $"{(string.IsNullOrEmpty(option.ShortName) ? "" : $"-{option.ShortName}, ")}--{option.LongName} {option.MetaValue}".TrimEnd();

    private static void WriteExitCodes(TextWriter writer, IReadOnlyDictionary<int, string> notes)
    {
        writer.WriteLine();
        writer.WriteLine("exit codes:");
        WritePairs(writer, [.. ExitCodes.All.Select(
            pair => (pair.Code.ToString(System.Globalization.CultureInfo.InvariantCulture), notes.GetValueOrDefault(pair.Code) ?? pair.Meaning))]);
    }

    private static void WritePairs(TextWriter writer, IReadOnlyList<(string Name, string Text)> pairs)
    {
        int width = pairs.Count == 0 ? 0 : pairs.Max(pair => pair.Name.Length);
        foreach ((string name, string text) in pairs)
        {
            string[] lines = [.. Wrap(text, Width - width - 4)];
            writer.WriteLine($"{Indent}{name.PadRight(width)}  {lines.FirstOrDefault()}".TrimEnd());
            foreach (string line in lines.Skip(1))
            {
                writer.WriteLine($"{new string(' ', width + 4)}{line}");
            }
        }
    }

    private static void WriteWrapped(TextWriter writer, string text, string indent)
    {
        string[] lines = [.. Wrap(text, Width - indent.Length)];
        foreach (string line in lines.DefaultIfEmpty(""))
        {
            writer.WriteLine(line.Length == 0 ? "" : indent + line);
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
