using Clouds.Native.Catalogue;

namespace Clouds.Native.Generation.Language;

/// <summary>What a language model is, for whoever keeps a record of what it wrote.</summary>
public sealed class LanguageModelFacts
{
    /// <summary>Name of its folder or file.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The files that its answers depend on, weights and tokenizer, with their digests; of a loaded model these are taken when they are first asked for.
    /// </summary>
    public required IReadOnlyList<ImportedFile> Files
    {
        get => FilesWhenAsked.Value;
        init => FilesWhenAsked = new Lazy<IReadOnlyList<ImportedFile>>(value);
    }

    /// <summary>Tokens of talk and answer together that it can be asked for.</summary>
    public required int Context { get; init; }

    /// <summary>In what its matrices lie: "fp32", "fp16", "bf16", "int8" or "int4".</summary>
    public required string Precision { get; init; }

    internal Lazy<IReadOnlyList<ImportedFile>> FilesWhenAsked { get; init; } = null!;
}
