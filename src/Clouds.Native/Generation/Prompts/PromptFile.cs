using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// Lists of prompts in files. Plain text has one a line, as the paper's released list; lines without words do not count. JSON lines have an object a line
/// with "prompt" and, where they are known, "classes", "context", "faults", and of the origin "source", "name", "digest", "seed", "attempt" and "index";
/// members of other names are passed over. The first line that has something tells which it is: an object begins with a brace.
/// </summary>
public static class PromptFile
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private const string PlainEnding = ".txt";
    private const int MostBytes = 1 << 26;

    /// <summary>Reads a list.</summary>
    /// <param name="path">The file; <see cref="StandardInput"/>: what comes from there.</param>
    /// <returns>At least one prompt; image j of a set is painted of prompt j modulo their number (method.md section 5).</returns>
    /// <exception cref="CloudsException">BadInput: it cannot be read, is no text, or has no prompt; naming the line where there is one.</exception>
    public static IReadOnlyList<Prompt> Read(string path)
    {
        if (path != StandardInput)
        {
            return Parse(WholeFile.Read(path, MostBytes), path);
        }

        using Stream input = Console.OpenStandardInput();
        return Read(input, "standard input");
    }

    /// <summary>Reads a list to the end of a stream.</summary>
    /// <param name="stream">UTF-8; the caller's.</param>
    /// <param name="name">Its name in messages and origins.</param>
    /// <exception cref="CloudsException">As above.</exception>
    public static IReadOnlyList<Prompt> Read(Stream stream, string name)
    {
        using MemoryStream bytes = new();
        try
        {
            stream.CopyTo(bytes);
        }
        catch (IOException e)
        {
            throw new CloudsException(Failure.BadInput, "prompts cannot be read", name, e.Message, "text to its end", "send it again", e);
        }

        return Parse(bytes.ToArray(), name);
    }

    /// <summary>Writes a list; the file appears whole or not at all.</summary>
    /// <param name="path">The file; where its name ends in .txt it gets the words alone, otherwise JSON lines.</param>
    /// <param name="prompts">The prompts.</param>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public static void Write(string path, IEnumerable<Prompt> prompts)
        => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(string.Concat(prompts.Select(prompt => Line(prompt, IsPlain(path)) + "\n"))));

    /// <summary>A prompt as a line of such a file, without its end.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="plain">The words alone.</param>
    public static string Line(Prompt prompt, bool plain = false) => plain ? prompt.Text : PromptJson.Write(prompt);

    /// <summary>Whether a file of this name gets the words alone.</summary>
    public static bool IsPlain(string path) => path.EndsWith(PlainEnding, StringComparison.OrdinalIgnoreCase);

    private static Prompt[] Parse(byte[] bytes, string name)
    {
        (int Number, string Text)[] lines = [.. Lines(bytes, name)];
        if (lines.Length == 0)
        {
            throw new CloudsException(Failure.BadInput, "there is no prompt", name, "no words", "one prompt a line",
                "write some into it, or name another file");
        }

        PromptOrigin origin = new(PromptSource.Text) { Name = Path.GetFileName(name), Digest = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        return lines[0].Text[0] switch
        {
            '{' => [.. lines.Select(line => PromptJson.Read(line.Text, $"{name}, line {line.Number + 1}", origin with { Index = line.Number }))],
            '[' when lines[0].Text.TrimStart('[', ' ') is "" or ['"' or '{', ..] => throw new CloudsException(Failure.BadInput,
                "a list of prompts is one JSON value", name, "'['", "an object a line, or plain text", "write each prompt into a line of its own"),
            _ => [.. lines.Select(line => new Prompt { Text = line.Text, Origin = origin with { Index = line.Number } })],
        };
    }

    private static IEnumerable<(int Number, string Text)> Lines(byte[] bytes, string name)
    {
        string text = Decode(bytes, name).TrimStart('\uFEFF').ReplaceLineEndings("\n");
        foreach ((int number, string line) in text.Split('\n').Index())
        {
            string words = line.Replace('\t', ' ').Trim();
            if (words.Any(char.IsControl))
            {
                throw new CloudsException(Failure.BadInput, "a list of prompts is no text", $"{name}, line {number + 1}", "control characters",
                    "plain text, or JSON lines", "name a file of prompts");
            }

            if (words.Length > 0)
            {
                yield return (number, words);
            }
        }
    }

    private static string Decode(byte[] bytes, string name)
    {
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new CloudsException(Failure.BadInput, "a list of prompts is no text", name, "bytes that are no UTF-8", "text in UTF-8",
                "save it as UTF-8, or name a file of prompts", e);
        }
    }
}
