namespace Clouds.Diagnostics;

/// <summary>How far a long call has come; libraries report it through <see cref="IProgress{T}"/> and never see a console.</summary>
/// <param name="Stage">What is being done, for instance "train" or "evaluate"; a new stage starts a new clock.</param>
/// <param name="Done">Units finished, 0..Total.</param>
/// <param name="Total">Units in all; 0 where nobody knows.</param>
/// <param name="Metrics">Latest measures by name, for instance a loss; null where there are none.</param>
public sealed record ProgressReport(string Stage, long Done, long Total, IReadOnlyDictionary<string, double>? Metrics = null);
