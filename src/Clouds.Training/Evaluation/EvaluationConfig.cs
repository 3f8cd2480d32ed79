using Clouds.Graph.Settings;

namespace Clouds.Training.Evaluation;

/// <summary>At which size an answer meets its label map (method.md section 6.4).</summary>
public enum GroundTruthSpace
{
    /// <summary>The label file's own size: scores are resized, labels are untouched.</summary>
    Original,

    /// <summary>The size at which the network saw the image: labels are resized to it. Reference code, for BDD100K, Mapillary and ACDC.</summary>
    Resized,
}

/// <summary>How answers are scored.</summary>
public sealed record EvaluationConfig
{
    /// <summary>At which size an answer meets its label map.</summary>
    [Setting(Source = "ours; reference code: original for Cityscapes, resized for the other sets")]
    public GroundTruthSpace GtSpace { get; init; } = GroundTruthSpace.Original;
}
