namespace Clouds.Training.Evaluation;

/// <summary>The samples that one of several processes scores: every <see cref="Of"/>th, from <see cref="Rank"/> on.</summary>
/// <param name="Rank">0 .. <see cref="Of"/> - 1.</param>
/// <param name="Of">Processes, 1 or more.</param>
public readonly record struct Share(int Rank, int Of)
{
    /// <summary>All samples.</summary>
    public static Share All { get; } = new(0, 1);

    /// <summary>Indices of the samples among so many.</summary>
    internal IEnumerable<int> Indices(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Of, 1, nameof(Of));
        ArgumentOutOfRangeException.ThrowIfNegative(Rank, nameof(Rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, Of, nameof(Rank));
        (int rank, int of) = this;
        return Enumerable.Range(0, count).Where(index => index % of == rank);
    }
}
