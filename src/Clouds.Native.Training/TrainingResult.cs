using Clouds.Native.Segmentation;

namespace Clouds.Native.Training;

/// <summary>What a training left.</summary>
/// <param name="ModelPath">The trained model, for <see cref="Segmenter.Load"/>.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">Loss of its last step.</param>
/// <param name="Duration">Time that this call took.</param>
public sealed record TrainingResult(string ModelPath, long Steps, double Loss, TimeSpan Duration)
{
    /// <summary>Opens the trained model; the caller disposes it.</summary>
    /// <param name="options">Device, threads, sizes; null: defaults.</param>
    public Segmenter Load(SegmenterOptions? options = null) => Segmenter.Load(ModelPath, options);
}
