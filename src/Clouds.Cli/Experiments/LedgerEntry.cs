namespace Clouds.Cli.Experiments;

/// <summary>The result of one test set.</summary>
/// <param name="Name">Its name in the experiment.</param>
/// <param name="Images">Images that were scored.</param>
/// <param name="GtSpace">At which size answers met labels.</param>
/// <param name="MeanIou">Percent; of the classes that the experiment is of; null where nothing could be scored.</param>
/// <param name="Classes">IoU in percent of every class, null where it does not occur.</param>
internal sealed record LedgerScore(string Name, int Images, string GtSpace, double? MeanIou, IReadOnlyDictionary<string, double?> Classes)
{
    /// <summary>Of SYNTHIA's 16 classes: the mean with answers among these alone, beside the other (method.md section 6.3); null: not asked for.</summary>
    public double? Restricted { get; init; }
}

/// <summary>The time that a stage took.</summary>
/// <param name="Stage">1 or 2.</param>
/// <param name="Folder">Its folder below the one of the ledger.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="Hours">Time of its steps, whoever made them.</param>
internal sealed record LedgerStage(int Stage, string Folder, long Steps, double Hours);

/// <summary>One result, a line of the ledger.</summary>
internal sealed record LedgerEntry
{
    /// <summary>Row of the paper, or name of a row of somebody's own.</summary>
    public required string Row { get; init; }

    /// <summary>When it was finished.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The program's version, ONNX Runtime's and .NET's.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Host, processor or GPU, threads.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>Digest of the settings that count (<see cref="SettingsDigest"/>).</summary>
    public required string Settings { get; init; }

    /// <summary>What differs from the row as the paper has it, a sentence each; where there is something, the result is no reproduction.</summary>
    public required IReadOnlyList<string> Deviations { get; init; }

    /// <summary>Seed of the training; null where nothing was trained.</summary>
    public required long? Seed { get; init; }

    /// <summary>Data sets and weights with their digests.</summary>
    public required IReadOnlyDictionary<string, string> Inputs { get; init; }

    /// <summary>What was trained.</summary>
    public required IReadOnlyList<LedgerStage> Stages { get; init; }

    /// <summary>One a test set.</summary>
    public required IReadOnlyList<LedgerScore> Scores { get; init; }

    /// <summary>Mean over the test sets in percent; null where one of them is missing.</summary>
    public required double? Average { get; init; }

    /// <summary>Hours of training and scoring.</summary>
    public required double Hours { get; init; }

    /// <summary>The row's own folder below the one of the ledger.</summary>
    public required string Folder { get; init; }

    /// <summary>Whether the result may stand beside the paper's number.</summary>
    public bool IsReproduction => Deviations.Count == 0;
}
