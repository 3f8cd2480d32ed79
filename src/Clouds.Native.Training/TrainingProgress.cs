namespace Clouds.Native.Training;

/// <summary>How far a training has come.</summary>
/// <param name="Step">Steps that are done, 1..<paramref name="Steps"/>.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">The loss of the last one.</param>
/// <param name="LearningRate">Its learning rate.</param>
public sealed record TrainingProgress(long Step, long Steps, double Loss, double LearningRate);
