using Clouds.Native.Generation.Language;

namespace Clouds.Training.Language;

/// <summary>Texts as a tokenizer writes them. Of a talk only the answer is learned.</summary>
/// <param name="name">What reports call them.</param>
/// <param name="texts">The texts, at least one.</param>
/// <param name="tokenizer">The tokenizer.</param>
public sealed class TokenizedTexts(string name, IReadOnlyList<LearnedText> texts, ChatTokenizer tokenizer) : ITokenizedTexts
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Count => texts.Count;

    /// <inheritdoc/>
    public TokenizedText Read(int index)
    {
        LearnedText text = texts[index];
        if (text.Question.Count == 0)
        {
            return new TokenizedText(tokenizer.Text(text.Text));
        }

        IReadOnlyList<int> question = tokenizer.Question(text.Question);
        return new TokenizedText([.. question, .. tokenizer.Answer(text.Text)], question.Count);
    }
}
