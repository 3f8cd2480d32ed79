namespace Clouds.Native.Generation.Prompts;

/// <summary>Who wrote a prompt.</summary>
public enum PromptSource
{
    /// <summary>Somebody: it stands in a text as it is.</summary>
    Text,

    /// <summary>The program, of names of classes and contexts.</summary>
    Template,

    /// <summary>A language model.</summary>
    Model,
}
