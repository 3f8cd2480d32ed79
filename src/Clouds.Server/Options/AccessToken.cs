using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Server.Options;

/// <summary>The one secret of a server: whoever knows it may ask for everything.</summary>
public static class AccessToken
{
    private const int Shortest = 16;
    private const int Longest = 256;
    private const int RandomBytes = 24;

    /// <summary>A new one: 192 random bits in 32 letters that stand in URLs as they are.</summary>
    public static string Draw() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>The token in a file; where there is no such file, a new one is drawn and written there for its owner alone.</summary>
    /// <param name="path">The file: one line.</param>
    /// <exception cref="CloudsException">BadInput: it cannot be read, or holds no token; Output: it cannot be written.</exception>
    public static string FromFile(string path)
    {
        if (!Path.Exists(path))
        {
            return Write(path, Draw());
        }

        string token = Encoding.UTF8.GetString(WholeFile.Read(path, most: 1024)).Trim();
        return IsToken(token) ? token : throw NoToken(Failure.BadInput, path, token);
    }

    /// <summary>Whether a text is the token; takes as long for a near miss as for a far one.</summary>
    internal static bool Equal(string text, string token)
        => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(token));

    /// <summary>Refuses what cannot be a token.</summary>
    /// <exception cref="CloudsException">Usage.</exception>
    internal static void Require(string token, string where)
    {
        if (!IsToken(token))
        {
            throw NoToken(Failure.Usage, where, token);
        }
    }

    private static string Write(string path, string token)
    {
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using FileStream file = new(path, options);
            file.Write(Encoding.ASCII.GetBytes($"{token}\n"));
            return token;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the token cannot be written", path, e.Message, "a file that can be made", "name another place", e);
        }
    }

    private static bool IsToken(string text) => text.Length is >= Shortest and <= Longest && text.All(letter => letter is > ' ' and <= '~');

    private static CloudsException NoToken(Failure failure, string where, string found) => new(failure, "this is no token", where,
        $"{found.Length} characters", $"{Shortest} to {Longest} visible characters of ASCII without blanks", "let one be drawn, or write a longer one");
}
