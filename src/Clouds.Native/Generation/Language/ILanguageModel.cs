namespace Clouds.Native.Generation.Language;

/// <summary>Answers in words. Not for several callers at once.</summary>
public interface ILanguageModel : IDisposable
{
    /// <summary>What it is.</summary>
    LanguageModelFacts Facts { get; }

    /// <summary>Tokens of a text, so that a question leaves room for its answer. Who cannot count them estimates, rather too many.</summary>
    /// <param name="text">Any text.</param>
    int Tokens(string text) => TokenEstimate.Of(text);

    /// <summary>
    /// Whether the model ended its last answer itself; otherwise it may break off where its tokens ended. Who does not know says no.
    /// </summary>
    bool HasEnded => false;

    /// <summary>Continues a talk with the model's next turn.</summary>
    /// <param name="turns">The talk: perhaps one turn of the system, then users and the model in turn; the last is a user's.</param>
    /// <param name="options">How tokens are chosen.</param>
    /// <param name="seed">Same talk, options and seed: same answer.</param>
    /// <param name="written">Told each piece of the answer as it is written; pieces hold whole characters.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The answer, without white space at its ends.</returns>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Usage: an option is out of range, or the talk is none; BadInput: it is longer than the model's
    /// context, or a score is no number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    string Answer(
        IReadOnlyList<ChatTurn> turns, AnswerOptions options, long seed, IProgress<string>? written = null, CancellationToken stop = default);
}
