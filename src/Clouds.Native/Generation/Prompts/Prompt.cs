namespace Clouds.Native.Generation.Prompts;

/// <summary>What an image is to show (paper section 3.2), and where these words come from.</summary>
public sealed class Prompt
{
    /// <summary>The words, one line without white space at its ends; never empty.</summary>
    public required string Text { get; init; }

    /// <summary>
    /// Classes that it names, each once, in the order of the class list: of "a photo of X in Z" those of X, of another text all; empty where nobody looked.
    /// </summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Z of "a photo of X in Z"; empty for another text.</summary>
    public string Context { get; init; } = "";

    /// <summary>What it lacks; empty where it lacks nothing or nobody looked.</summary>
    public IReadOnlyList<PromptFault> Faults { get; init; } = [];

    /// <summary>Where it comes from.</summary>
    public required PromptOrigin Origin { get; init; }

    /// <summary>The words.</summary>
    public override string ToString() => Text;
}
