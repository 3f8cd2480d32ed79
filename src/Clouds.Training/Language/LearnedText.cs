using Clouds.Native.Generation.Language;

namespace Clouds.Training.Language;

/// <summary>A text that a language model learns to write.</summary>
/// <param name="Question">The talk that it answers; empty: it stands by itself.</param>
/// <param name="Text">The text.</param>
public sealed record LearnedText(IReadOnlyList<ChatTurn> Question, string Text);
