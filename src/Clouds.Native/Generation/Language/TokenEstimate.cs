namespace Clouds.Native.Generation.Language;

/// <summary>How many tokens a text may have in a vocabulary that is not known.</summary>
internal static class TokenEstimate
{
    // English words have more letters a token, others' letters may have a token for each byte.
    private const int LettersOfAToken = 3;
    private const int TokensOfALetter = 3;

    /// <summary>Rather too many.</summary>
    public static int Of(string text)
    {
        int plain = text.Count(char.IsAscii);
        return (plain / LettersOfAToken) + ((text.Length - plain) * TokensOfALetter);
    }
}
