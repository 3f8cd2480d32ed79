namespace Clouds.Diagnostics;

/// <summary>How far a long call has come; libraries report it through <see cref="IProgress{T}"/> and never see a console.</summary>
/// <param name="stage">What is being done, for instance "train" or "evaluate"; a new stage starts a new clock.</param>
/// <param name="done">Units finished.</param>
/// <param name="total">Units in all; 0 where nobody knows.</param>
/// <param name="metrics">Latest measures by name; null where there are none.</param>
public sealed class ProgressReport(string stage, long done, long total, IReadOnlyDictionary<string, double>? metrics = null)
{
    /// <summary>What is being done.</summary>
    public string Stage => stage;

    /// <summary>Units finished, 0..Total.</summary>
    public long Done => done;

    /// <summary>Units in all; 0 where nobody knows.</summary>
    public long Total => total;

    /// <summary>Latest measures by name, for instance a loss; null where there are none.</summary>
    public IReadOnlyDictionary<string, double>? Metrics => metrics;

    /// <summary>How far the longer call has come that this one is a part of; null where there is none, or nobody knows.</summary>
    public ProgressReport? Whole { get; init; }
}
