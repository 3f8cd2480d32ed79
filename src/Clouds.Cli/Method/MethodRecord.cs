using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Cli.Method;

/// <summary>What run of the whole method a folder holds: method.json, written before anything else.</summary>
/// <param name="Plan">Its numbers.</param>
/// <param name="Models">Its foundation models, as in <see cref="MethodResult.Models"/>.</param>
internal sealed record MethodRecord(MethodPlan Plan, IReadOnlyDictionary<string, string> Models)
{
    /// <summary>Begins a run in a folder, or goes on with the one that is there.</summary>
    /// <exception cref="CloudsException">Usage: that one has other numbers or models; Output: the folder cannot be written.</exception>
    public void Begin(MethodFolder folder)
    {
        if (!File.Exists(folder.Record))
        {
            AtomicFile.WriteAllBytes(folder.Record, Encoding.UTF8.GetBytes(JsonText.Document(this) + "\n"));
            return;
        }

        MethodRecord? there = Read(folder.Record);
        if (there is null || Text(there.Plan) != Text(Plan) || Text(there.Models) != Text(Models))
        {
            string differs = there is null ? "a damaged record" : Text(there.Plan) != Text(Plan) ? $"other numbers, those of the plan {there.Plan.Name}"
                : $"other models: {string.Join(", ", there.Models.Where(pair => Models.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => pair.Key))}";
            throw new CloudsException(Failure.Usage, "the folder holds another run of the whole method", folder.Path, differs,
                "a run of the same numbers and models", "choose another --out, or start anew");
        }
    }

    private static MethodRecord? Read(string path)
    {
        try
        {
            return JsonText.Read<MethodRecord>(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    private static string Text(object value) => JsonText.Line(value);
}
