namespace Clouds.Training.Language;

/// <summary>A fixed, ordered set of texts as a language model sees them. Reading gives the same tokens each time.</summary>
public interface ITokenizedTexts
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Texts, at least 1.</summary>
    int Count { get; }

    /// <summary>A text.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    TokenizedText Read(int index);
}

/// <summary>A text as tokens.</summary>
/// <param name="Tokens">All tokens, those that mark its start and its end included.</param>
/// <param name="Given">Tokens at its start that the model sees and does not learn to foretell: what it is asked.</param>
public readonly record struct TokenizedText(IReadOnlyList<int> Tokens, int Given = 0);
