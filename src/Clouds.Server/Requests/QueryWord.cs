using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Requests;

/// <summary>Parameters of a query: each once, and with a value that means something.</summary>
internal static class QueryWord
{
    /// <summary>One of a few words; the first where there is none.</summary>
    /// <exception cref="Refusal">400.</exception>
    public static string OneOf(IQueryCollection query, string name, IReadOnlyList<string> words)
    {
        string word = query[name].Count == 0 ? words[0] : query[name].ToString();
        return words.Contains(word) ? word : throw Refusal.Parameter(name, word, string.Join(", ", words));
    }

    /// <summary>A whole number of 0 or more.</summary>
    /// <exception cref="Refusal">400.</exception>
    public static int Number(IQueryCollection query, string name, int otherwise, int most)
        => query[name].Count == 0 ? otherwise
        : int.TryParse(query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number
        : throw Refusal.Parameter(name, query[name].ToString(), $"a whole number from 0 to {most}");

    /// <summary>A share.</summary>
    /// <exception cref="Refusal">400.</exception>
    public static double Share(IQueryCollection query, string name, double otherwise)
        => query[name].Count == 0 ? otherwise
        : double.TryParse(query[name].ToString(), CultureInfo.InvariantCulture, out double share) && share is >= 0 and <= 1 ? share
        : throw Refusal.Parameter(name, query[name].ToString(), "a number from 0 to 1");
}
