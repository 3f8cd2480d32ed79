using Clouds.Graph.Settings;

namespace Clouds.Training.Datasets;

/// <summary>What becomes of a sample that cannot be used.</summary>
public enum BadSample
{
    /// <summary>It is left out, counted and told; the others are used.</summary>
    Skip,

    /// <summary>The work is not begun, or ends there.</summary>
    Fail,
}

/// <summary>How data sets are read, by whatever reads them.</summary>
public sealed record DataConfig
{
    /// <summary>Image and label of different sizes.</summary>
    [Setting(Source = "ours; 62 pairs of GTA are so")]
    public BadSample OnMismatch { get; init; } = BadSample.Skip;

    /// <summary>Files that cannot be decoded, and labels that do not fit the description.</summary>
    [Setting(Source = "ours")]
    public BadSample OnUnreadable { get; init; } = BadSample.Skip;

    /// <summary>What becomes of a sample with this problem.</summary>
    public BadSample Rule(DatasetProblem problem) => problem.Mismatch ? OnMismatch : OnUnreadable;
}
