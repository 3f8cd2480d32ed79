namespace Clouds.Cli.Method.Pages;

/// <summary>
/// Small letters, digits and a few marks of 5 x 9 squares, the last two rows below the line: a picture with words is then the same on every machine,
/// whatever fonts that has.
/// </summary>
internal static class PixelLetters
{
    /// <summary>Squares from one letter to the next.</summary>
    public const int Advance = 6;

    /// <summary>Rows of a letter.</summary>
    public const int Height = 9;

    private const int Width = 5;

    // From the top, rows of five squares, each a digit of base 32 whose highest bit is the leftmost square; rows that are not there are empty.
    private static readonly Dictionary<char, string> Rows = new()
    {
        ['a'] = "00E1FHF", ['b'] = "GGMPHHU", ['c'] = "00EGGHE", ['d'] = "11DJHHF", ['e'] = "00EHVGE", ['f'] = "698S888", ['g'] = "00FHHHF1E",
        ['h'] = "GGMPHHH", ['i'] = "40C444E", ['j'] = "2062222IC", ['k'] = "GGIKOKI", ['l'] = "C44444E", ['m'] = "00QLLHH", ['n'] = "00MPHHH",
        ['o'] = "00EHHHE", ['p'] = "00UHHHUGG", ['q'] = "00FHHHF11", ['r'] = "00MPGGG", ['s'] = "00EGE1U", ['t'] = "88S8896", ['u'] = "00HHHJD",
        ['v'] = "00HHHA4", ['w'] = "00HHLLA", ['x'] = "00HA4AH", ['y'] = "00HHHHF1E", ['z'] = "00V248V", ['0'] = "EHJLPHE", ['1'] = "4C4444E",
        ['2'] = "EH1248V", ['3'] = "V2421HE", ['4'] = "26AIV22", ['5'] = "VGU11HE", ['6'] = "68GUHHE", ['7'] = "V124888", ['8'] = "EHHEHHE",
        ['9'] = "EHHF12C", ['%'] = "OP248J3", ['+'] = "044V440", [':'] = "0CC0CC0", ['.'] = "00000CC", [','] = "0000C48", ['-'] = "000V000",
        [' '] = "0000000",
    };

    /// <summary>The filled squares of a text, as columns and rows; a character that it has not is a full box.</summary>
    public static IEnumerable<(int X, int Y)> Squares(string text) => text.ToLowerInvariant().Index().SelectMany(letter =>
        Enumerable.Range(0, Width * Height).Select(i => (X: i % Width, Y: i / Width)).Where(square => IsFilled(letter.Item, square.X, square.Y))
            .Select(square => ((letter.Index * Advance) + square.X, square.Y)));

    private static bool IsFilled(char letter, int x, int y) =>
        !Rows.TryGetValue(letter, out string? rows) || (y < rows.Length && (Digit(rows[y]) >> (Width - 1 - x) & 1) != 0);

    private static int Digit(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : digit - 'A' + 10;
}
