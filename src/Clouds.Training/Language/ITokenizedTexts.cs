namespace Clouds.Training.Language;

/// <summary>A fixed, ordered set of texts as a language model sees them. Reading gives the same tokens each time.</summary>
public interface ITokenizedTexts
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Texts, at least 1.</summary>
    int Count { get; }

    /// <summary>The tokens of a text, those that mark its start and its end included.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    IReadOnlyList<int> Tokens(int index);
}

/// <summary>Texts with their vocabulary.</summary>
/// <param name="name">What reports call them.</param>
/// <param name="texts">The texts, at least one.</param>
/// <param name="encode">The tokens of a text, with its marks.</param>
public sealed class TokenizedTexts(string name, IReadOnlyList<string> texts, Func<string, IReadOnlyList<int>> encode) : ITokenizedTexts
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Count => texts.Count;

    /// <inheritdoc/>
    public IReadOnlyList<int> Tokens(int index) => encode(texts[index]);
}
