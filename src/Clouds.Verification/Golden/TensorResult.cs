using Clouds.Diagnostics;

namespace Clouds.Verification.Golden;

/// <summary>One output compared with what it should be.</summary>
/// <param name="Tensor">Its name in io.safetensors.</param>
/// <param name="Ratio">Largest error over what the tolerance allows: at most 1 passes; infinite where nothing could be compared.</param>
/// <param name="Detail">Where the largest error is or what is wrong; null for a tensor that passed without remark.</param>
public sealed record TensorResult(string Tensor, double Ratio, string? Detail = null)
{
    /// <summary>Whether the tensor is within its tolerance everywhere.</summary>
    public bool Passed => Ratio <= 1;
}

/// <summary>One golden case, run and compared.</summary>
/// <param name="Module">Module of the case.</param>
/// <param name="Case">Name of the case.</param>
/// <param name="Tensors">One row for each expected output; empty where the case could not be run.</param>
/// <param name="Problem">Why the case could not be run; null where it was.</param>
/// <param name="Seconds">Time the case took.</param>
public sealed record CaseResult(string Module, string Case, IReadOnlyList<TensorResult> Tensors, string? Problem, double Seconds)
{
    /// <summary>Whether the case ran, compared something, and every tensor passed.</summary>
    public bool Passed => Problem is null && Tensors.Count > 0 && Tensors.All(tensor => tensor.Passed);

    /// <summary>The tensor with the largest error over tolerance; null where there is none.</summary>
    public TensorResult? Worst => Tensors.MaxBy(tensor => tensor.Ratio);
}

/// <summary>All cases of a run.</summary>
/// <param name="Cases">In the order in which they ran.</param>
/// <param name="Problem">Why nothing could be run at all, for instance that nothing matched; null otherwise.</param>
public sealed record VerifySummary(IReadOnlyList<CaseResult> Cases, string? Problem = null)
{
    /// <summary>Number of cases that passed.</summary>
    public int Passed => Cases.Count(result => result.Passed);

    /// <summary>Number of cases that did not.</summary>
    public int Failed => Cases.Count - Passed;

    /// <summary>Whether at least one case ran and none failed.</summary>
    public bool Success => Problem is null && Cases.Count > 0 && Failed == 0;
}
