namespace Clouds.Training.Datasets;

/// <summary>What a run trains on.</summary>
/// <param name="Spec">What the data set was opened from, recorded in checkpoints; it has to open the same set from any folder.</param>
/// <param name="Samples">The samples.</param>
/// <param name="Fingerprint">What the set is, recorded in checkpoints; null: a resumed run does not ask whether its data have changed.</param>
public sealed record TrainingData(string Spec, IDataset Samples, DataFingerprint? Fingerprint = null);
