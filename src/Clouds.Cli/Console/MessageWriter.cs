using System.Text;
using Spectre.Console.Rendering;

namespace Clouds.Cli.Console;

/// <summary>
/// Standard error: lines of text and, on a terminal, a status below them that is drawn anew in its place: a table where there is room for it, a line
/// otherwise. What cannot be written is dropped, since there is nobody left to tell.
/// </summary>
/// <param name="writer">The stream.</param>
/// <param name="columns">Width of the terminal as of now; null where it is none: a status is not shown then.</param>
/// <param name="rows">Its height as of now; null: not known, and no table is shown.</param>
internal sealed class MessageWriter(TextWriter writer, Func<int>? columns = null, Func<int?>? rows = null) : TextWriter
{
    private readonly Lock _lock = new();
    private string _status = "";
    private IReadOnlyList<string> _table = [];

    /// <summary>Whether a status is shown.</summary>
    public bool IsTerminal => columns is not null;

    public override Encoding Encoding => writer.Encoding;

    /// <summary>Shows a status in the place of the one before; "" takes it away.</summary>
    /// <param name="status">One line.</param>
    /// <param name="table">Lines that say more, shown instead where all of them fit; null: none.</param>
    public void Show(string status, IReadOnlyList<string>? table = null)
    {
        lock (_lock)
        {
            string before = _status;
            (_status, _table) = (status, table ?? []);
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

    // The last column stays free: a terminal that has filled it may go on in the next line. The cursor goes up to the first line in the same breath in which a
    // table is drawn, and never afterwards: what a resize has wrapped or scrolled away meanwhile stays away.
    private string Drawn()
    {
        int width = columns!() - 1;
        bool room = _table.Count > 0 && rows?.Invoke() > _table.Count && _table.All(line => Width(line) <= width);
        return room
            ? $"\r{string.Join("\x1b[K\r\n", _table)}\x1b[J\r{(_table.Count > 1 ? $"\x1b[{_table.Count - 1}A" : "")}"
            : $"\r{Fit(_status, width)}\x1b[J\r";
    }

    private static int Width(string text) => Segment.CellCount([new Segment(text)]);

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
