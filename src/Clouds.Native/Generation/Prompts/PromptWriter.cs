using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Language;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// Has a language model write prompts (paper section 3.2): it gets the class list and answers with prompts "a photo of X in Z". Those that can be used and
/// are new are kept; what is missing is asked for again, with what was wrong and which classes are too rare. Each question is a talk of its own.
/// </summary>
public sealed class PromptWriter
{
    // A model that never names a class would be asked for it for ever.
    private const int MostForBalance = 3;

    private readonly ILanguageModel _model;
    private readonly PromptWriterOptions _options;
    private readonly PromptCheck _check;
    private readonly ClassBalance _balance;
    private readonly Lazy<QuestionRoom> _room;
    private readonly Lazy<PromptOrigin> _origin;

    /// <param name="model">Who writes; the caller's. It is asked nothing, not even what it is, before a prompt is missing.</param>
    /// <param name="words">The classes and what they are called.</param>
    /// <param name="options">How it is asked; null: the defaults.</param>
    /// <exception cref="CloudsException">Usage: an option is out of range.</exception>
    public PromptWriter(ILanguageModel model, ClassWords words, PromptWriterOptions? options = null)
    {
        (_model, _options) = (model, options ?? new PromptWriterOptions());
        _options.Require();
        _check = new PromptCheck(words, _options.MostWords);
        _balance = new ClassBalance(words.Classes, _options.Count);
        _room = new Lazy<QuestionRoom>(() => new QuestionRoom(model,
            new PromptQuestion(words, _options.MostWords, QuestionRoom.Synonyms(model.Facts.Context)), _options.Answer.MaximumTokens));
        _origin = new Lazy<PromptOrigin>(
            () => new PromptOrigin(PromptSource.Model) { Name = model.Facts.Name, Digest = Digest(model.Facts), Seed = _options.Seed });
    }

    /// <summary>Classes of a list that it names too rarely; empty where it is fine, and where there are fewer prompts than classes.</summary>
    public IReadOnlyList<string> Lacking(IReadOnlyList<Prompt> prompts) => _balance.Lacking(prompts);

    /// <summary>Writes a list. Same model, words, options, prompts so far and last answer: same list; no answer is had a second time.</summary>
    /// <param name="kept">Prompts so far, as an earlier call kept them; with enough of them and no class lacking nothing is asked.</param>
    /// <param name="last">The last answer of an earlier call: the next question tells what was wrong with it; null: there was none, or it is lost.</param>
    /// <param name="answered">Told of each answer and of all that is kept then; null: nobody is.</param>
    /// <param name="written">Told each piece of an answer as it is written; null: nobody is.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>As many prompts as were asked for, more where there were more; what they lack of classes after some answers stays so.</returns>
    /// <exception cref="CloudsException">BadInput: the model's answers give too few; what is kept was told with each answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<Prompt> Write(
        IReadOnlyList<Prompt>? kept = null, PromptAnswer? last = null, IProgress<PromptAnswer>? answered = null, IProgress<string>? written = null,
        CancellationToken stop = default)
    {
        IReadOnlyList<Prompt> prompts = kept ?? [];
        int before = Math.Max(last?.Attempt ?? 0, prompts.Max(prompt => prompt.Origin.Attempt) ?? 0);
        int attempt = before;
        for (int inVain = 0, forBalance = 0; Missing(prompts, forBalance) is int missing and > 0;)
        {
            if (inVain == _options.Patience || attempt - before == _options.Bound)
            {
                return prompts.Count >= _options.Count ? prompts : throw TooFew(prompts, last!);
            }

            stop.ThrowIfCancellationRequested();
            forBalance += prompts.Count >= _options.Count ? 1 : 0;
            last = Ask(++attempt, missing, prompts, last, written, stop);
            prompts = last.Kept;
            inVain = last.Usable.Count == 0 ? inVain + 1 : 0;
            answered?.Report(last);
        }

        return prompts;
    }

    private int Missing(IReadOnlyList<Prompt> prompts, int forBalance) => prompts.Count < _options.Count ? _options.Count - prompts.Count
        : forBalance < MostForBalance && prompts.Count == _options.Count ? _balance.Lacking(prompts).Count : 0;

    private PromptAnswer Ask(
        int attempt, int missing, IReadOnlyList<Prompt> kept, PromptAnswer? last, IProgress<string>? written, CancellationToken stop)
    {
        IReadOnlyList<string> rare = kept.Count >= _options.Count ? _balance.Lacking(kept) : _balance.Rare(kept);
        FittedQuestion question = _room.Value.Fit(missing, kept, rare, last?.Refused ?? []);
        RandomStream random = new((ulong)_options.Seed, "answers", attempt);
        string answer = _model.Answer(question.Talk, Answer(question.Tokens), (long)random.NextUInt32() << 31 | random.NextUInt32() >> 1, written, stop);
        ILookup<bool, Prompt> read = Read(answer, _model.HasEnded ? 0 : question.Asked, attempt, kept).ToLookup(prompt => prompt.Faults.Count == 0);
        return new PromptAnswer
        {
            Attempt = attempt,
            Question = question.Talk[^1].Text,
            Asked = question.Asked,
            Wished = [.. rare.Take(PromptQuestion.MostRare)],
            Answer = answer,
            Usable = [.. read[true]],
            Refused = [.. read[false]],
            Kept = _balance.Choose([.. kept, .. read[true]]),
        };
    }

    private IEnumerable<Prompt> Read(string answer, int asked, int attempt, IReadOnlyList<Prompt> kept)
    {
        HashSet<string> seen = [.. kept.Select(prompt => PromptCheck.Key(prompt.Text))];
        foreach ((int index, AnsweredPrompt found) in AnswerReader.Read(answer, asked).Index())
        {
            // What was cut is not there already: the model may write it again to its end.
            PromptOrigin origin = _origin.Value with { Attempt = attempt, Index = index };
            yield return found.Cut
                ? new Prompt { Text = found.Text, Faults = [PromptFault.Cut], Origin = origin }
                : _check.Mark(found.Text, origin, seen);
        }
    }

    private CloudsException TooFew(IReadOnlyList<Prompt> prompts, PromptAnswer last)
    {
        string said = last.Refused.Count > 0 ? $"refused: \"{last.Refused[0].Text}\" ({string.Join(", ", last.Refused[0].Faults)})"
            : $"it said: \"{last.Answer[..Math.Min(last.Answer.Length, 80)].ReplaceLineEndings(" ")}\"";
        return new CloudsException(Failure.BadInput, "the language model writes too few prompts that can be used", _model.Facts.Name,
            $"{prompts.Count} of {_options.Count} after answer {last.Attempt}, the last with {last.Usable.Count}; {said}",
            $"{_options.Count} prompts \"a photo of X in Z\" with classes as X",
            "what there is was kept: go on from it with another seed, temperature or model, or ask for fewer");
    }

    private AnswerOptions Answer(int tokens) => new()
    {
        Temperature = _options.Answer.Temperature,
        TopK = _options.Answer.TopK,
        TopP = _options.Answer.TopP,
        MaximumTokens = tokens,
        Stop = _options.Answer.Stop,
    };

    private static string Digest(LanguageModelFacts facts)
    {
        IEnumerable<string> lines = facts.Files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Sha256}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}
