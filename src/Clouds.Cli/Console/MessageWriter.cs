using System.Text;
using Spectre.Console.Rendering;

namespace Clouds.Cli.Console;

/// <summary>
/// Standard error: lines of text and, on a terminal, a status below them that is drawn anew in its place. What cannot be written is dropped, since there
/// is nobody left to tell.
/// </summary>
/// <param name="writer">The stream.</param>
/// <param name="columns">Width of the terminal as of now; null where it is none: a status is not shown then.</param>
internal sealed class MessageWriter(TextWriter writer, Func<int>? columns = null) : TextWriter
{
    private readonly Lock _lock = new();
    private string _status = "";

    /// <summary>Whether a status is shown.</summary>
    public bool IsTerminal => columns is not null;

    public override Encoding Encoding => writer.Encoding;

    /// <summary>Shows a status in the place of the one before; "" takes it away.</summary>
    public void Show(string status)
    {
        lock (_lock)
        {
            string before = _status;
            _status = status;
            if (IsTerminal && (before.Length > 0 || status.Length > 0))
            {
                Send(Drawn());
            }
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        lock (_lock)
        {
            // The cursor waits at the beginning of the status, so that what is erased here is the status, however a resize has wrapped it.
            string erase = IsTerminal && _status.Length > 0 ? "\x1b[J" : "";
            Send(erase + value + (erase.Length > 0 && value?.EndsWith('\n') == true ? Drawn() : ""));
        }
    }

    public override void WriteLine() => Write(NewLine);

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Flush() => Send("");

    /// <summary>The beginning of a text, without control characters, that takes at most so many columns of a terminal.</summary>
    internal static string Fit(string text, int width)
    {
        StringBuilder fitting = new();
        int used = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            string shown = Rune.IsControl(rune) ? " " : rune.ToString();
            used += Segment.CellCount([new Segment(shown)]);
            if (used > width)
            {
                break;
            }

            fitting.Append(shown);
        }

        return fitting.ToString();
    }

    // The last column stays free: a terminal that has filled it may go on in the next line. No cursor moves up, ever: what scrolled away stays away.
    private string Drawn() => $"\r{Fit(_status, columns!() - 1)}\x1b[J\r";

    private void Send(string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (IOException)
        {
            // A full disk, or a terminal that is gone.
        }
    }
}
