namespace Clouds.Training.Datasets;

/// <summary>Images without labels that a run uses.</summary>
/// <param name="Spec">What the set was opened from, recorded in checkpoints; it has to open the same set from any folder.</param>
/// <param name="Images">The images.</param>
/// <param name="Fingerprint">What the set is, recorded in checkpoints; null: a resumed run does not ask whether it has changed.</param>
public sealed record ImageData(string Spec, IImageSet Images, DataFingerprint? Fingerprint = null)
{
    /// <summary>The sizes of the images, where a check has found them out.</summary>
    public IReadOnlyList<SizeCount> Sizes { get; init; } = [];
}
