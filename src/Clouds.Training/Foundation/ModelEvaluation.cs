using Clouds.Native.Catalogue;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>
/// What was measured of a foundation model on data that it has not learned from. The same model, data, count and seed give the same numbers, on any number of
/// threads; no time and no place is in it.
/// </summary>
public sealed record ModelEvaluation
{
    /// <summary>What it is: clip, sam, vae, diffusion, llm.</summary>
    public required string Kind { get; init; }

    /// <summary>Name of its file or folder, without folders before it.</summary>
    public required string Model { get; init; }

    /// <summary>Its weight files with their digests.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>The data, as the user named them.</summary>
    public required string Data { get; init; }

    /// <summary>What was looked at: images, or texts.</summary>
    public required int Count { get; init; }

    /// <summary>Seed of everything that was drawn.</summary>
    public required long Seed { get; init; }

    /// <summary>What else the numbers depend on, by camelCase names: numbers, words, truth values.</summary>
    public IReadOnlyDictionary<string, object> Settings { get; init; } = new Dictionary<string, object>();

    /// <summary>The numbers, the one that counts most first.</summary>
    public required IReadOnlyList<Measure> Measures { get; init; }

    /// <summary>Samples that could not be read and are not in the numbers.</summary>
    public IReadOnlyList<DatasetProblem> LeftOut { get; init; } = [];

    /// <summary>A number by its name.</summary>
    /// <exception cref="InvalidOperationException">There is no such measure.</exception>
    public double? this[string name] => Measures.Single(measure => measure.Name == name).Value;
}
