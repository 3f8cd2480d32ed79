using Clouds.Graph.Settings;
using Clouds.Native.Segmentation;
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

    /// <summary>Side of the windows in which the network looks at an image, as it sees it, 32 or more; 0: it looks at the whole image.</summary>
    [Setting(Unit = "pixels", Min = 0, Max = 16384, Source = "method.md section 6.4: no sliding window")]
    public int SlidingWindow { get; init; }

    /// <summary>From one window to the next; 0: two thirds of a window.</summary>
    [Setting(Unit = "pixels", Min = 0, Max = 16384, Source = "mmsegmentation: 341 of 512, 513 of 769")]
    public int SlidingStride { get; init; }

    /// <summary>Factors on the size at which the network sees images; the class scores of all are averaged.</summary>
    [Setting(Min = 0.01, Max = 8, Source = "method.md section 6.4: one look; Mask2Former's test-time augmentation of Cityscapes: 0.5 to 1.75 in steps of 0.25")]
    public IReadOnlyList<double> Scales { get; init; } = [1];

    /// <summary>Whether it also looks at mirror images.</summary>
    [Setting(Source = "method.md section 6.4: no flip")]
    public bool Flip { get; init; }

    /// <summary>Label maps that another program made.</summary>
    public PredictionConfig Predictions { get; init; } = new();

    /// <summary>How a segmenter has to look at images, to be opened so.</summary>
    public TestTimeViews Views() => new() { Scales = Scales, Flip = Flip, Window = SlidingWindow, Stride = SlidingStride };
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
