using System.Globalization;

namespace Clouds.Emulator.Ptx;

/// <summary>Texts of operands.</summary>
internal static class Operands
{
    /// <summary>Cuts at commas outside brackets and braces.</summary>
    public static string[] Split(string text)
    {
        List<string> parts = [];
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] is '{' or '[' ? 1 : text[i] is '}' or ']' ? -1 : 0;
            if (text[i] == ',' && depth == 0)
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
        }

        parts.Add(text[start..].Trim());
        return [.. parts.Where(part => part.Length > 0)];
    }

    /// <summary>True for numbers.</summary>
    public static bool IsLiteral(string text) => char.IsAsciiDigit(text[0]) || (text[0] == '-' && text.Length > 1);

    /// <summary>The bits of "12", "-3", "0x1F", "0f3F800000" or "0d3FF0000000000000".</summary>
    public static ulong Literal(string text)
    {
        string body = text.TrimEnd('U');
        try
        {
            return body switch
            {
                _ when body.StartsWith("0f", StringComparison.OrdinalIgnoreCase) || body.StartsWith("0d", StringComparison.OrdinalIgnoreCase)
                    || body.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                        => ulong.Parse(body.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                _ when body.StartsWith('-') => (ulong)long.Parse(body, CultureInfo.InvariantCulture),
                _ => ulong.Parse(body, CultureInfo.InvariantCulture),
            };
        }
        catch (Exception damage) when (damage is FormatException or OverflowException)
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"'{text}' is no number");
        }
    }

    /// <summary>Cuts "[base+offset]" or "[base]".</summary>
    public static (string Name, long Offset) Address(string text)
    {
        if (!text.StartsWith('[') || !text.EndsWith(']'))
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"'{text}' is no address");
        }

        string[] parts = text[1..^1].Split('+', 2, StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length > 1 ? (long)Literal(parts[1]) : 0);
    }
}
