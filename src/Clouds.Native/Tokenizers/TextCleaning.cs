namespace Clouds.Native.Tokenizers;

/// <summary>What CLIP does to a text before it cuts it into words; ftfy's part is left out.</summary>
internal static class TextCleaning
{
    /// <summary>The cleaned text.</summary>
    public static string Of(string text)
    {
        string plain = HtmlReferences.Unescape(HtmlReferences.Unescape(text));
        return LowerCase.Of(string.Join(' ', plain.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
