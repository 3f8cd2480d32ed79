using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Method;

/// <summary>An arm whose test is done: a file beside its model.</summary>
/// <param name="Tests">The test sets.</param>
/// <param name="Scores">Its scores, one a test set.</param>
internal sealed record TestedArm(IReadOnlyList<MethodTest> Tests, MethodScores Scores)
{
    /// <summary>Writes the file.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(JsonText.Line(this) + "\n"));

    /// <summary>Reads it.</summary>
    /// <exception cref="CloudsException">BadInput: it is damaged.</exception>
    public static TestedArm Read(string path)
    {
        try
        {
            return JsonText.Read<TestedArm>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "an arm's scores cannot be read", path, e.Message, "what the test of an arm writes",
                "remove the file and go on with --resume: the arm is tested again", e);
        }
    }
}
