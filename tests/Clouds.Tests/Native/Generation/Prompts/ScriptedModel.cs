using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Language;

namespace Clouds.Tests.Native.Generation.Prompts;

/// <summary>A language model that answers what a test wrote down; the last answer again and again.</summary>
internal sealed class ScriptedModel(params IReadOnlyList<Func<string, long, string>> answers) : ILanguageModel
{
    public ScriptedModel(params string[] answers)
        : this([.. answers.Select(answer => (Func<string, long, string>)((_, _) => answer))])
    {
    }

    /// <summary>What it was asked, and with what seed.</summary>
    public List<(string Question, long Seed)> Asked { get; } = [];

    public LanguageModelFacts Facts { get; init; } =
        new() { Name = "scripted", Files = [new ImportedFile("model.safetensors", 4, new string('a', 64))], Context = 4096, Precision = "fp32" };

    /// <summary>How it counts tokens.</summary>
    public Func<string, int> Counting { get; init; } = TokenEstimate.Of;

    public int Tokens(string text) => Counting(text);

    public bool HasEnded { get; init; }

    public string Answer(IReadOnlyList<ChatTurn> turns, AnswerOptions options, long seed, IProgress<string>? written, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Assert.Equal([ChatRole.System, ChatRole.User], turns.Select(turn => turn.Role));
        Asked.Add((turns[^1].Text, seed));
        string answer = answers[Math.Min(Asked.Count, answers.Count) - 1](turns[^1].Text, seed);
        written?.Report(answer);
        return answer.Trim();
    }

    public void Dispose()
    {
    }
}
