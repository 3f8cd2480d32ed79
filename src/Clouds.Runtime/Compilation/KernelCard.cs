using System.Text.RegularExpressions;
using Clouds.Diagnostics;

namespace Clouds.Runtime.Compilation;

/// <summary>
/// The comment that opens every kernel file: purpose, inputs and outputs, grid, bytes, order, twin and test (style.md habit 6).
/// </summary>
public sealed partial class KernelCard
{
    private static readonly string[] Required = ["in", "out", "why", "grid", "block", "shared", "sm", "bytes", "order", "twin", "test", "bench"];
    private readonly Dictionary<string, List<string>> _fields;

    private KernelCard(string purpose, Dictionary<string, List<string>> fields) => (Purpose, _fields) = (purpose, fields);

    /// <summary>What the kernels of the file do, in one sentence.</summary>
    public string Purpose { get; }

    /// <summary>Lines of a field, for instance "in".</summary>
    public IReadOnlyList<string> this[string field] => _fields.TryGetValue(field, out List<string>? lines) ? lines : [];

    /// <summary>Smallest architecture, for instance 70.</summary>
    public int SmallestArchitecture => int.Parse(this["sm"][0].TrimEnd('+'));

    /// <summary>Reads the card of a file.</summary>
    /// <param name="file">File name, which the first line repeats.</param>
    /// <param name="source">The file's text.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: fields are missing; the message names all of them.</exception>
    public static KernelCard Parse(string file, string source)
    {
        string[] lines = [.. source.Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(line => line[2..].TrimEnd())];
        string first = lines.FirstOrDefault("").Trim();
        int dash = first.IndexOf('—');
        Dictionary<string, List<string>> fields = [];
        string current = "";
        foreach (string line in lines.Skip(1))
        {
            Match match = Field().Match(line);
            current = match.Success ? match.Groups[1].Value : current;
            string text = match.Success ? match.Groups[2].Value : line.Trim();
            Add(fields, current, text);
            foreach (Match inner in Inner().Matches(text))
            {
                Add(fields, inner.Groups[1].Value, inner.Groups[2].Value.Trim());
            }
        }

        string[] missing = [.. Required.Where(field => !fields.TryGetValue(field, out List<string>? found) || found.All(string.IsNullOrWhiteSpace))];
        if (dash < 0 || first[..dash].Trim() != file || missing.Length > 0)
        {
            throw new CloudsException(Failure.Internal, "a kernel's card is incomplete", where: file,
                found: missing.Length > 0 ? $"no {string.Join(", ", missing)}" : $"first line '{first}'",
                expected: $"'{file} — purpose', then {string.Join(", ", Required)}");
        }

        return new KernelCard(first[(dash + 1)..].Trim(), fields);
    }

    private static void Add(Dictionary<string, List<string>> fields, string field, string text)
    {
        if (!fields.TryGetValue(field, out List<string>? lines))
        {
            fields[field] = lines = [];
        }

        lines.Add(text);
    }

    [GeneratedRegex(@"^ (in|out|why|grid|bytes|flops|order|twin|test|note)\s+(.+)$")]
    private static partial Regex Field();

    // Several short fields share a line: "grid (...)   block (...)   shared 1 KiB   sm_70+", "twin A   test B   bench c".
    [GeneratedRegex(@"(?:^|\s{2,})(block|shared|sm|test|bench)[ _](.+?)(?=\s{2,}|$)")]
    private static partial Regex Inner();
}
