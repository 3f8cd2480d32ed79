namespace Clouds.Native.Generation.Prompts;

/// <summary>What a prompt lacks that the paper asks for (section 3.2).</summary>
public enum PromptFault
{
    /// <summary>It is not of the form "a photo of X in Z".</summary>
    Form,

    /// <summary>X names no class, by its name or a synonym.</summary>
    NoClass,

    /// <summary>It has too many words.</summary>
    Length,

    /// <summary>It breaks off in the middle of the sentence.</summary>
    Cut,

    /// <summary>It is there already, up to letter case, white space and a full stop at its end.</summary>
    Twice,
}
