namespace Clouds.Native.Generation.Prompts;

/// <summary>Where a prompt comes from; with the program's version it is enough to write a prompt of a template or a model again.</summary>
/// <param name="Source">Who wrote it.</param>
public sealed record PromptOrigin(PromptSource Source)
{
    /// <summary>Name of the text's file or of the language model; null: there is none.</summary>
    public string? Name { get; init; }

    /// <summary>SHA-256, in lower-case hexadecimal digits, of the text, or over the digests of the language model's files; null: there is none.</summary>
    public string? Digest { get; init; }

    /// <summary>Seed of template or language model; null: nothing was drawn.</summary>
    public long? Seed { get; init; }

    /// <summary>Which answer of the language model has it, from 1; null: no model wrote it.</summary>
    public int? Attempt { get; init; }

    /// <summary>Its place, from 0: the text's line, the number of the template's prompt, the place in the model's answer.</summary>
    public int Index { get; init; }
}
