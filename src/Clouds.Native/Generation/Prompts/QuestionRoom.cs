using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;

namespace Clouds.Native.Generation.Prompts;

/// <summary>A question and what its answer may take.</summary>
/// <param name="Talk">The talk.</param>
/// <param name="Asked">How many prompts it asks for.</param>
/// <param name="Tokens">Tokens that the answer may have.</param>
internal readonly record struct FittedQuestion(IReadOnlyList<ChatTurn> Talk, int Asked, int Tokens);

/// <summary>Makes questions so long that the language model has room for the answer.</summary>
/// <param name="model">Counts tokens.</param>
/// <param name="question">What it is asked.</param>
/// <param name="most">Most tokens of an answer.</param>
internal sealed class QuestionRoom(ILanguageModel model, PromptQuestion question, int most)
{
    private const int TokensOfAPrompt = 24;
    private const int TokensOfATalk = 64;
    private const int MostAtOnce = 100;
    private const int MostKnown = 20;
    private const int KnownShare = 8;
    private const int LittleRoom = 1024;

    /// <summary>Synonyms of each class that a model is told: none where it has little room.</summary>
    /// <param name="context">Tokens that it has for talk and answer together.</param>
    public static int Synonyms(int context) => context < LittleRoom ? 0 : PromptQuestion.MostSynonyms;

    /// <summary>A question; it asks for fewer where the model has no room for so many, and leaves out what was wrong where it has hardly any.</summary>
    /// <param name="missing">How many prompts are missing.</param>
    /// <param name="kept">Prompts that are there; of a model with little room not many are told.</param>
    /// <param name="rare">Classes that they lack.</param>
    /// <param name="refused">What was wrong with the last answer.</param>
    /// <exception cref="CloudsException">BadInput: the model has no room for the question and one prompt.</exception>
    public FittedQuestion Fit(int missing, IReadOnlyList<Prompt> kept, IReadOnlyList<string> rare, IReadOnlyList<Prompt> refused)
    {
        Prompt[] known = [.. kept.TakeLast(Math.Min(MostKnown, model.Facts.Context / TokensOfAPrompt / KnownShare))];
        (IReadOnlyList<Prompt> Known, IReadOnlyList<Prompt> Refused)[] told = [(known, refused), (known, []), ([], [])];
        return told.Select(one => Fit(asked => question.Of(asked, one.Known, rare, one.Refused), missing)).FirstOrDefault(fitted => fitted is not null)
            ?? throw TooLong(question.Of(1, [], rare, []));
    }

    private FittedQuestion? Fit(Func<int, IReadOnlyList<ChatTurn>> ask, int missing)
    {
        int room = model.Facts.Context - Taken(ask(missing)), tokens = Math.Min(room, most);
        int asked = Math.Clamp(tokens / TokensOfAPrompt, 1, Math.Min(missing, MostAtOnce));
        return room < TokensOfAPrompt ? null : new FittedQuestion(ask(asked), asked, tokens);
    }

    private int Taken(IReadOnlyList<ChatTurn> talk) => TokensOfATalk + talk.Sum(turn => model.Tokens(turn.Text));

    private CloudsException TooLong(IReadOnlyList<ChatTurn> talk) => new(
        Failure.BadInput, "the language model has no room for the question", model.Facts.Name, $"{model.Facts.Context} tokens",
        $"{Taken(talk) + TokensOfAPrompt} or more", "take a model with a larger context, or a shorter list of classes");
}
