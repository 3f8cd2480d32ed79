using Clouds.Graph.Settings;
using Clouds.Training.Datasets;

namespace Clouds.Training.Evaluation;

/// <summary>At which size an answer meets its label map (method.md section 6.4).</summary>
public enum GroundTruthSpace
{
    /// <summary>
    /// As the reference code does it for the data set (<see cref="IDataset.ScoredResized"/>); label maps that another program made: at the labels' own size.
    /// </summary>
    Auto,

    /// <summary>The label file's own size: scores are resized, labels are untouched.</summary>
    Original,

    /// <summary>The size at which the network saw the image: labels are resized to it. Reference code, for BDD100K, Mapillary and ACDC.</summary>
    Resized,
}

/// <summary>How the 16 classes of SYNTHIA are scored on sets of the 19 classes of Cityscapes (method.md section 6.3).</summary>
public enum Synthia16Rule
{
    /// <summary>Their mean IoU with the answers among all 19 classes.</summary>
    Mean,

    /// <summary>That, and beside it the mean with answers among the 16 alone, the labels of the other three ignored.</summary>
    Restrict,
}

/// <summary>How answers are scored.</summary>
public sealed record EvaluationConfig
{
    /// <summary>At which size an answer meets its label map.</summary>
    [Setting(Source = "method.md section 6.4; reference code: original for Cityscapes, resized for BDD100K, Mapillary and ACDC; the paper says nothing")]
    public GroundTruthSpace GtSpace { get; init; } = GroundTruthSpace.Auto;

    /// <summary>How the 16 classes of SYNTHIA are scored; restrict wants the class scores of every image, 4 bytes a class and pixel.</summary>
    [Setting(Source = "method.md section 6.3; the paper gives 16 classes, no code for them is released; mean: as in the line of DAFormer and HRDA")]
    public Synthia16Rule Synthia16 { get; init; } = Synthia16Rule.Mean;

    /// <summary>Whether the boundary IoU is computed too.</summary>
    [Setting(Source = "Cheng et al. 2021; reference code: computed, by detectron2's evaluator; not in the paper")]
    public bool Boundary { get; init; } = true;

    /// <summary>Label maps that another program made.</summary>
    public PredictionConfig Predictions { get; init; } = new();
}

/// <summary>How label maps of another program are read.</summary>
public sealed record PredictionConfig
{
    /// <summary>
    /// What their ids mean: identity (train ids, 255 for no class), a prepared id map, colours (those of the classes), or a JSON file of ids and classes.
    /// </summary>
    [Setting(Source = "method.md section 6.5: train ids")]
    public string IdMap { get; init; } = "identity";

    /// <summary>Whether a map of another size than its label is resized to it (nearest, as Pillow); otherwise it cannot be used.</summary>
    [Setting(Source = "ours")]
    public bool Resize { get; init; }
}
