using System.Text;

namespace Clouds.Tests.Cli.Console;

/// <summary>
/// A terminal as far as a status line can see it: text that wraps at the right edge, carriage return, line feed, erasing to the end of the screen, colours
/// are left out, and rows that are wrapped anew when the width changes, with the cursor on its letter, as tmux 3.3a does. Other sequences are refused.
/// </summary>
internal sealed class Screen(int columns) : StringWriter
{
    private const string WideAsTwo = "漢字街景測試図";
    private const string Continuation = "";

    // Lines as written, each a cell a column; a wide letter has a second, empty cell.
    private readonly List<List<string>> _lines = [[]];
    private int _line;
    private int _cell;

    /// <summary>Its width; lines are wrapped anew.</summary>
    public int Columns { get; set; } = columns;

    /// <summary>What is seen, from the first row that was ever written on; empty rows at the end left out.</summary>
    public IReadOnlyList<string> Rows
    {
        get
        {
            List<string> rows = [.. _lines.SelectMany(Wrapped)];
            return rows[..(rows.FindLastIndex(row => row.Length > 0) + 1)];
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value)
    {
        string text = value ?? "";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\x1b')
            {
                i += Command(text[(i + 1)..]);
            }
            else
            {
                Put(text[i]);
            }
        }
    }

    // Up is only ever gone within what is drawn at once, whose lines are not wrapped.
    private int Command(string text)
    {
        int length = text.IndexOfAny(['J', 'K', 'A']) + 1;
        switch (text[..length])
        {
            case "[J":
                EraseBelow();
                break;
            case "[K":
                _lines[_line].RemoveRange(_cell, _lines[_line].Count - _cell);
                break;
            case ['[', .. string rows, 'A']:
                _line -= int.Parse(rows, System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(0, _cell);
                break;
            default:
                Assert.Fail($"unknown: {text[..length]}");
                break;
        }

        return length;
    }

    private void Put(char letter)
    {
        switch (letter)
        {
            case '\r':
                _cell -= _cell > 0 && _cell % Columns == 0 && _cell == _lines[_line].Count ? Columns : _cell % Columns;
                break;
            case '\n':
                _line++;
                _cell = 0;
                if (_line == _lines.Count)
                {
                    _lines.Add([]);
                }

                break;
            default:
                Set(letter.ToString());
                if (WideAsTwo.Contains(letter, StringComparison.Ordinal))
                {
                    Set(Continuation);
                }

                break;
        }
    }

    private void Set(string cell)
    {
        List<string> line = _lines[_line];
        if (_cell < line.Count)
        {
            line[_cell] = cell;
        }
        else
        {
            line.Add(cell);
        }

        _cell++;
    }

    private void EraseBelow()
    {
        _lines[_line].RemoveRange(_cell, _lines[_line].Count - _cell);
        _lines.RemoveRange(_line + 1, _lines.Count - _line - 1);
    }

    private IEnumerable<string> Wrapped(List<string> line) =>
        line.Count == 0 ? [""] : line.Chunk(Columns).Select(row => row.Aggregate(new StringBuilder(), (text, cell) => text.Append(cell)).ToString().TrimEnd());
}
