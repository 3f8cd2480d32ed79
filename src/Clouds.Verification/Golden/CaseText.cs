using System.Text;

namespace Clouds.Verification.Golden;

/// <summary>
/// Makes strict JSON of a case.json. The files come from Python, which writes infinities and NaN as bare words; they are
/// put in quotes, outside strings only.
/// </summary>
internal static class CaseText
{
    private static readonly string[] Words = ["-Infinity", "Infinity", "NaN"];

    public static string ToStrictJson(string text)
    {
        StringBuilder strict = new(text.Length + 16);
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (!quoted && Words.FirstOrDefault(word => string.CompareOrdinal(text, i, word, 0, word.Length) == 0) is string word)
            {
                strict.Append('"').Append(word).Append('"');
                i += word.Length - 1;
                continue;
            }

            strict.Append(text[i]);
            if (quoted && text[i] == '\\' && i + 1 < text.Length)
            {
                strict.Append(text[++i]);
            }
            else if (text[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return strict.ToString();
    }
}
