using System.Globalization;
using Clouds.Training.Engine;
using Clouds.Training.Validation;

namespace Clouds.Cli.Runs;

/// <summary>One stage of a run, as far as its files can be read.</summary>
/// <param name="Name">"training", or "stage 1" and "stage 2" where there are two.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="History">Its steps and validations.</param>
/// <param name="Validation">What the last validation found; null: nothing says.</param>
/// <param name="Planned">Steps that it is to have; null: nobody says.</param>
/// <param name="Batch">Images a step; null: nobody says.</param>
/// <param name="LastWritten">When its history was written last; null: there is none.</param>
internal sealed record RunStage(
    string Name, RunFolder Folder, HistoryContents History, ValidationRecord? Validation, long? Planned, long? Batch, DateTimeOffset? LastWritten)
{
    /// <summary>Its steps.</summary>
    public IReadOnlyList<HistoryLine> Steps => History.Steps;

    /// <summary>Its validations.</summary>
    public IReadOnlyList<ValidationLine> Validations => History.Validations;

    /// <summary>Steps done.</summary>
    public long Done => Steps.Count == 0 ? 0 : Steps[^1].Step + 1;

    /// <summary>Whether all steps are done and the model is written.</summary>
    public bool IsFinished => Done > 0 && Done >= Planned && File.Exists(Folder.Model);

    /// <summary>Steps whose loss or gradient was not finite.</summary>
    public int NotFinite => Steps.Count(line => !double.IsFinite(line.Loss) || !double.IsFinite(line.GradientNorm));

    /// <summary>How far it has come, in words.</summary>
    public string Progress => (Done, Planned) switch
    {
        (0, _) => "no step yet",
        (long done, null) => Invariant($"{done} steps"),
        (long done, long planned) => Invariant($"{done} of {planned} steps"),
    };

    /// <summary>Whether it is finished, or when it was heard of last.</summary>
    public string State => IsFinished ? "finished"
        : LastWritten is DateTimeOffset last ? Invariant($"not finished; last step at {last.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")
        : "not begun";

    /// <summary>Time that the steps took.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds(Steps.Sum(line => line.Seconds));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
