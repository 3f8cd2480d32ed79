using Clouds.Graph.Settings;

namespace Clouds.Cli.Experiments;

/// <summary>What `clouds reproduce` does for a row.</summary>
internal enum ExperimentKind
{
    /// <summary>Trains and scores.</summary>
    Train,

    /// <summary>Scores a published model.</summary>
    Evaluate,

    /// <summary>Scores label images that somebody else made.</summary>
    Score,
}

/// <summary>
/// What makes a configuration an experiment: the row of the paper that it stands for, and names of data sets and weights in place of the machine's paths.
/// Data sets are those of <see cref="PaperSet.All"/>, or SPECs like those of --data.
/// </summary>
internal sealed record ExperimentConfig
{
    /// <summary>The row of experiments/published.json; empty: the name of the file.</summary>
    [Setting(Source = "method.md section 8")]
    public string Row { get; init; } = "";

    /// <summary>What is done.</summary>
    [Setting(Source = "method.md section 8")]
    public ExperimentKind Kind { get; init; } = ExperimentKind.Train;

    /// <summary>The source domain.</summary>
    [Setting(Source = "paper section 4.1")]
    public string Source { get; init; } = "";

    /// <summary>The generated images; empty: none.</summary>
    [Setting(Source = "paper section 4.1")]
    public string Generated { get; init; } = "";

    /// <summary>Sets on which the result is scored.</summary>
    [Setting(Source = "paper section 4.1")]
    public IReadOnlyList<string> Tests { get; init; } = [];

    /// <summary>Classes whose IoU the mean is of: all 19, or the 16 that SYNTHIA has.</summary>
    [Setting(Unit = "classes", Min = 16, Max = 19, Source = "paper section 4.1; method.md section 6.3")]
    public int Classes { get; init; } = 19;

    /// <summary>Published weights of the encoder, a name of `clouds model list`; empty: training.encoder.weights as it is.</summary>
    [Setting(Source = "paper section 4.1")]
    public string Encoder { get; init; } = "";

    /// <summary>With the kind evaluate: the published model, a name of `clouds model list`.</summary>
    [Setting(Source = "method.md section 8")]
    public string Model { get; init; } = "";
}
