namespace Clouds.Cli.Runs;

/// <summary>Command lines as text that a shell takes apart into the same words.</summary>
internal static class ShellText
{
    private const string Plain = "-_./:=,+@%";

    /// <summary>All words.</summary>
    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Word));

    /// <summary>One word, in quotes where it needs them.</summary>
    public static string Word(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
