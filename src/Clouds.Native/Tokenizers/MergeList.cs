using System.Text;

namespace Clouds.Native.Tokenizers;

/// <summary>A text file of merges: a line that names the version, then two tokens and a space between them a line, first things first.</summary>
internal static class MergeList
{
    /// <summary>Merges that CLIP takes from its file, which goes on behind them: 49152 tokens less 256 bytes, twice, and two.</summary>
    public const int OfClip = 49152 - 256 - 2;

    private const int Shown = 40;

    /// <summary>Reads a list.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="file">Named in errors.</param>
    /// <param name="most">What stands behind so many merges is not read.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: no text, a line that is no merge, or none.</exception>
    public static IReadOnlyList<(string First, string Second)> Read(ReadOnlySpan<byte> text, string file, int most)
    {
        List<(string, string)> merges = [];
        int number = 0;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].TrimEnd((byte)'\r');
            number++;
            if (merges.Count == most)
            {
                break;
            }

            bool empty = line.IsEmpty && range.End.GetOffset(text.Length) == text.Length;
            if (!empty && (number > 1 || line.IndexOf("#version"u8) < 0))
            {
                merges.Add(Merge(line, file, number));
            }
        }

        return merges.Count > 0 ? merges : throw ClipVocabulary.Damaged(file, "no merge", "two tokens a line");
    }

    private static (string First, string Second) Merge(ReadOnlySpan<byte> line, string file, int number)
    {
        string text = Encoding.UTF8.GetString(line);
        string[] parts = text.Split(' ');
        return parts is [{ Length: > 0 } first, { Length: > 0 } second] && !text.Contains('\uFFFD')
            ? (first, second)
            : throw ClipVocabulary.Damaged($"{file}:{number}", $"\"{text[..Math.Min(text.Length, Shown)]}\"", "two tokens with a space between them");
    }
}
