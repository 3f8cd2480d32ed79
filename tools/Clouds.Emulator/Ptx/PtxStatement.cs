namespace Clouds.Emulator.Ptx;

/// <summary>What a piece of PTX text is.</summary>
internal enum StatementKind
{
    /// <summary>Directive or instruction, without its semicolon.</summary>
    Line,

    /// <summary>"name:".</summary>
    Label,

    /// <summary>"{" of a body or an inner scope.</summary>
    Open,

    /// <summary>"}".</summary>
    Close,
}

/// <summary>A piece of PTX text with the line it starts on.</summary>
internal readonly record struct PtxStatement(StatementKind Kind, string Text, int Line);

/// <summary>Cuts PTX text into statements; comments and line directives fall away.</summary>
internal static class PtxStatements
{
    /// <summary>All statements in order.</summary>
    public static List<PtxStatement> Split(string ptx)
    {
        List<PtxStatement> result = [];
        Cursor cursor = new(WithoutComments(ptx));
        while (cursor.Next(out PtxStatement statement))
        {
            result.Add(statement);
        }

        return result;
    }

    private static string WithoutComments(string ptx)
    {
        char[] text = ptx.ToCharArray();
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] == '/' && text[i + 1] == '/')
            {
                for (; i < text.Length && text[i] != '\n'; i++)
                {
                    text[i] = ' ';
                }
            }
            else if (text[i] == '/' && text[i + 1] == '*')
            {
                for (; i < text.Length && !(text[i] == '*' && i + 1 < text.Length && text[i + 1] == '/'); i++)
                {
                    text[i] = text[i] == '\n' ? '\n' : ' ';
                }

                text[i] = text[Math.Min(i + 1, text.Length - 1)] = ' ';
            }
        }

        return new string(text).Replace('\0', ' ');
    }

    private sealed class Cursor(string text)
    {
        // These directives end with their line; all others end with a semicolon or a brace.
        private static readonly string[] LineDirectives = [".version", ".target", ".address_size", ".loc", ".file"];
        private int _at;
        private int _line = 1;

        public bool Next(out PtxStatement statement)
        {
            SkipSpace();
            statement = default;
            if (_at >= text.Length)
            {
                return false;
            }

            int line = _line;
            statement = text[_at] switch
            {
                '{' => Brace(StatementKind.Open, line),
                '}' => Brace(StatementKind.Close, line),
                _ => LineDirectives.Any(StartsWith) ? new(StatementKind.Line, Until('\n'), line) : Instruction(line),
            };
            return true;
        }

        private bool StartsWith(string word) => string.CompareOrdinal(text, _at, word, 0, word.Length) == 0;

        private PtxStatement Brace(StatementKind kind, int line)
        {
            _at++;
            return new PtxStatement(kind, "", line);
        }

        private void SkipSpace()
        {
            for (; _at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] == ';'); _at++)
            {
                _line += text[_at] == '\n' ? 1 : 0;
            }
        }

        private string Until(char end)
        {
            int stop = text.IndexOf(end, _at);
            stop = stop < 0 ? text.Length : stop;
            string result = text[_at..stop].Trim();
            _at = stop;
            return result;
        }

        private PtxStatement Instruction(int line)
        {
            // An opening brace belongs to the statement inside operands ("{%f1, %f2}") and after "=" (initialisers); otherwise it starts a body.
            int start = _at;
            for (; _at < text.Length; _at++)
            {
                char c = text[_at];
                _line += c == '\n' ? 1 : 0;
                if (c == ';')
                {
                    return new PtxStatement(StatementKind.Line, Tidy(text[start.._at++]), line);
                }

                if (c == ':' && IsName(text[start.._at]))
                {
                    return new PtxStatement(StatementKind.Label, text[start.._at++].Trim(), line);
                }

                if (c == '{' && IsHeader(text[start.._at]))
                {
                    return new PtxStatement(StatementKind.Line, Tidy(text[start.._at]), line);
                }
            }

            return new PtxStatement(StatementKind.Line, Tidy(text[start..]), line);
        }

        private static bool IsHeader(string before)
            => before.Contains(".entry", StringComparison.Ordinal) || before.Contains(".func", StringComparison.Ordinal);

        private static bool IsName(string word) => word.Trim().Length > 0 && word.Trim().All(c => char.IsLetterOrDigit(c) || c is '_' or '$' or '%');

        private static string Tidy(string statement) => string.Join(' ', statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
