using Clouds.Diagnostics;

namespace Clouds.Cli.Commands;

/// <summary>A SHA-256, or its first digits, as an option has it.</summary>
internal static class Sha256Text
{
    private const int Least = 8, Most = 64;

    /// <summary>Refuses anything else.</summary>
    /// <param name="text">The option's value; null: not given.</param>
    /// <param name="option">Named in the complaint.</param>
    /// <exception cref="CloudsException">Usage: no hexadecimal digits, or too few or many.</exception>
    public static void Require(string? text, string option)
    {
        if (text is not null && (text.Length is < Least or > Most || !text.All(char.IsAsciiHexDigit)))
        {
            throw new CloudsException(Failure.Usage, "the digest is none", option, $"\"{text}\"", $"{Least} to {Most} hexadecimal digits",
                "copy it from where the file is published");
        }
    }
}
