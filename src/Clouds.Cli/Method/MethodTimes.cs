using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Method;

/// <summary>On what a run of the whole method was done, and in what time: times.json. None of it comes twice.</summary>
internal sealed record MethodTimes
{
    /// <summary>When it was finished.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Host, processor, threads, memory.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>The program's version, ONNX Runtime's and .NET's.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Seconds of every stage, by its name, in their order; of interrupted stages all parts together.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>The command that repeats it, for a shell; empty: nobody says.</summary>
    public string Command { get; init; } = "";

    /// <summary>Writes the file.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(JsonText.Document(this) + "\n"));

    /// <summary>Reads it.</summary>
    /// <exception cref="CloudsException">BadInput: it is missing or damaged.</exception>
    public static MethodTimes Read(string path)
    {
        try
        {
            return JsonText.Read<MethodTimes>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the times of a run cannot be read", path, e.Message, "times.json of `clouds demo`", "run it again", e);
        }
    }
}
