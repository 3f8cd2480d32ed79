using System.Globalization;

namespace Clouds.Graph.Weights.Pickle;

/// <summary>How keys of dictionaries become parts of names.</summary>
internal static class PickleKey
{
    // A key that is a tuple of tuples of tuples names nothing that anybody wants.
    private const int MostItems = 16;

    /// <summary>The same, with the memory that it takes on the reader's account.</summary>
    public static string? Text(object? key, PickleReader reader)
    {
        string? text = Text(key);
        reader.Charge(key is string || text is null ? 0 : 32 + (2 * text.Length));
        return text;
    }

    /// <summary>A key as Python prints it; null where it cannot name anything.</summary>
    public static string? Text(object? key) => key switch
    {
        string text => text,
        PickleBytes bytes => bytes.AsText(),
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool truth => truth ? "True" : "False",
        null => "None",
        PickleGlobal global => global.Path,
        PickleTuple tuple when tuple.Items.Length <= MostItems && !tuple.Items.Any(item => item is PickleTuple) =>
            $"({string.Join(", ", tuple.Items.Select(item => item is string text ? $"'{text}'" : Text(item)))})",
        PickleData data => data.Type,
        _ => null,
    };
}
