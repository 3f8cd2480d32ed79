using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Graph.Files;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Cli.Commands;

/// <summary>
/// The language model's answers beside the prompts that they gave, a JSON object a line: what it was asked, what it said, what was refused and why. Whoever
/// goes on asks the question that would have been next.
/// </summary>
/// <param name="prompts">The file of prompts.</param>
internal sealed class PromptAnswers(string prompts)
{
    private readonly List<string> _lines = [];

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.ChangeExtension(prompts, ".answers.jsonl");

    /// <summary>Reads what an earlier call left.</summary>
    /// <param name="warn">Told of lines that cannot be read.</param>
    /// <returns>The last answer; null where there is none.</returns>
    public PromptAnswer? Resume(Action<string> warn)
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        _lines.AddRange(Encoding.UTF8.GetString(WholeFile.Read(Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        try
        {
            return JsonText.Read<Line>(_lines[^1]).Answered;
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException)
        {
            warn($"{Path}: its last line cannot be read; the next question does not tell what was wrong with the last answer");
            return null;
        }
    }

    /// <summary>Appends an answer; the file is whole at any moment.</summary>
    public void Add(PromptAnswer answer)
    {
        Refusal[] refused = [.. answer.Refused.Select(prompt => new Refusal(prompt.Text, [.. prompt.Faults]))];
        _lines.Add(JsonText.Line(new Line(answer.Attempt, answer.Asked, answer.Usable.Count, refused, answer.Question, answer.Answer)));
        AtomicFile.WriteAllBytes(Path, Encoding.UTF8.GetBytes(string.Concat(_lines.Select(line => line + "\n"))));
    }

    private sealed record Refusal(string Prompt, PromptFault[] Faults);

    private sealed record Line(int Attempt, int Asked, int Usable, Refusal[] Refused, string Question, string Answer)
    {
        private static readonly PromptOrigin Origin = new(PromptSource.Model);

        public PromptAnswer Answered => new()
        {
            Attempt = Attempt, Asked = Asked, Usable = [], Kept = [], Question = Question, Answer = Answer,
            Refused = [.. (Refused ?? []).Select(refusal => new Prompt { Text = refusal.Prompt, Faults = refusal.Faults, Origin = Origin })],
        };
    }
}
