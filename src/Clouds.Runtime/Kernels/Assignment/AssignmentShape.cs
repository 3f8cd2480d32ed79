namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of an assignment.</summary>
/// <param name="Batch">B.</param>
/// <param name="Queries">Q.</param>
/// <param name="Targets">T, slots a batch item, padding included.</param>
public readonly record struct AssignmentShape(int Batch, int Queries, int Targets)
{
    /// <summary>Elements of the cost.</summary>
    public long Costs => Slots * Queries;

    /// <summary>Elements of everything else.</summary>
    public long Slots => (long)Batch * Targets;
}
