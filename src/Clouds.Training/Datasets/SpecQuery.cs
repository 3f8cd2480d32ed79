using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>What stands behind the question mark of a data set's text: "key=value", joined by "&amp;".</summary>
internal static class SpecQuery
{
    /// <summary>Keys and values in the order of the text; a value that is missing is empty.</summary>
    /// <exception cref="CloudsException">Usage: a key is there twice, and only one of its values could be meant.</exception>
    public static IReadOnlyList<(string Key, string Value)> Of(string spec)
    {
        string[] halves = spec.Split('?', 2);
        (string Key, string Value)[] pairs =
        [
            .. (halves.Length == 2 ? halves[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : []).Select(pair => pair.Split('=', 2))
                .Select(parts => (parts[0], parts.Length == 2 ? parts[1] : "")),
        ];
        IGrouping<string, (string Key, string Value)>? twice = pairs.GroupBy(pair => pair.Key).FirstOrDefault(same => same.Count() > 1);
        return twice is null ? pairs : throw new CloudsException(
            Failure.Usage, $"the data set's text has the key '{twice.Key}' more than once", spec, string.Join(" and ", twice.Select(pair => $"'{pair.Value}'")),
            "each key once", "leave one of them");
    }
}
