namespace Clouds.Native.Generation.Prompts;

/// <summary>A context that images may be in; the table is contexts.tsv.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Word">By which it is known in texts.</param>
/// <param name="First">As it stands behind "in"; empty: it is read, never written.</param>
/// <param name="Later">As it stands behind another context.</param>
/// <param name="Without">Words of contexts that it does not go with.</param>
internal sealed record ContextPhrase(ContextKind Kind, string Word, string First, string Later, string[] Without)
{
    private const int Columns = 5;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ContextPhrase> All { get; } = [.. WordTable.Read("contexts.tsv", Columns).Select(Of)];

    private static PhraseIndex<ContextPhrase> Index { get; } = new(All.Select(phrase => (phrase.Word, phrase)));

    /// <summary>Those that a context names, each once.</summary>
    public static IReadOnlyList<ContextPhrase> In(string context) => [.. Index.In(context).Distinct()];

    /// <summary>Whether an image can be in both.</summary>
    public bool GoesWith(ContextPhrase other) => !Without.Contains(other.Word) && !other.Without.Contains(Word);

    private static ContextPhrase Of(string[] row)
        => new(Enum.Parse<ContextKind>(row[0], ignoreCase: true), row[1], row[2], row[3], row[4].Split(',', StringSplitOptions.RemoveEmptyEntries));
}
