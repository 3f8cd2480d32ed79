namespace Clouds.Training.Language;

/// <summary>Texts cut into windows of one length, as a language model is trained on them.</summary>
internal interface ITextWindows
{
    /// <summary>Stands in the place of a next token that nobody has to foretell.</summary>
    const int Given = -1;

    /// <summary>The largest token.</summary>
    int Largest { get; }

    /// <summary>A window, and the token behind each of its tokens. One thread asks.</summary>
    /// <param name="window">From 0.</param>
    /// <param name="tokens">T tokens, overwritten.</param>
    /// <param name="next">T tokens, overwritten; <see cref="Given"/> where there is nothing to learn.</param>
    void Read(long window, Span<long> tokens, Span<long> next);
}
