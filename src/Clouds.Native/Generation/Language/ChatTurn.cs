namespace Clouds.Native.Generation.Language;

/// <summary>Whose words they are.</summary>
public enum ChatRole
{
    /// <summary>What the model is told before the talk begins.</summary>
    System,

    /// <summary>Whoever asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>
/// What one side of a talk says. A talk may begin with one turn of the system; then users and the model take turns, users first and last.
/// </summary>
/// <param name="Role">Who says it.</param>
/// <param name="Text">What is said.</param>
public sealed record ChatTurn(ChatRole Role, string Text);
