namespace Clouds.Training.Engine;

/// <summary>All that can be read of a run's record.</summary>
/// <param name="Steps">Its steps.</param>
/// <param name="Validations">Its validations.</param>
/// <param name="Damaged">Numbers, from 1, of lines that are none of its lines.</param>
/// <param name="Lines">Lines in all.</param>
public sealed record HistoryContents(
    IReadOnlyList<HistoryLine> Steps, IReadOnlyList<ValidationLine> Validations, IReadOnlyList<int> Damaged, int Lines)
{
    /// <summary>A record that is not there.</summary>
    public static HistoryContents None { get; } = new([], [], [], 0);
}
