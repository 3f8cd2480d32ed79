using System.Text;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Language;

/// <summary>An answer's text while it is written: what might be the beginning of a text that ends it is held back until it is known not to be.</summary>
/// <param name="text">Ids become text here.</param>
/// <param name="stops">Texts in front of which it ends.</param>
/// <param name="written">Told each piece; null: nobody is.</param>
internal sealed class AnswerText(TokenText text, IReadOnlyList<string> stops, IProgress<string>? written)
{
    private readonly StringBuilder _answer = new();
    private string _held = "";

    /// <summary>Adds a token.</summary>
    /// <returns>Whether the answer ends here.</returns>
    public bool Add(int id)
    {
        _held += text.Add(id);
        int end = stops.Select(stop => _held.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).Append(int.MaxValue).Min();
        if (end < int.MaxValue)
        {
            Tell(_held[..end]);
            _held = "";
            return true;
        }

        bool Begins(int from) => stops.Any(stop => stop.StartsWith(_held[from..], StringComparison.Ordinal));
        int kept = Enumerable.Range(0, _held.Length).FirstOrDefault(Begins, _held.Length);
        Tell(_held[..kept]);
        _held = _held[kept..];
        return false;
    }

    /// <summary>The whole answer.</summary>
    /// <param name="ended">Whether one of the texts ended it, so that a character that was begun is none of it.</param>
    public string End(bool ended)
    {
        Tell(_held + (ended ? "" : text.End()));
        _held = "";
        return _answer.ToString().Trim();
    }

    private void Tell(string piece)
    {
        if (piece.Length > 0)
        {
            _answer.Append(piece);
            written?.Report(piece);
        }
    }
}
