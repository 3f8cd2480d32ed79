namespace Clouds.Runtime.Kernels;

/// <summary>First floats of the flat buffers an optimiser step works on; borrowed, all of one layout.</summary>
/// <param name="parameters">Updated.</param>
/// <param name="gradients">Read.</param>
/// <param name="firstMoment">Updated.</param>
/// <param name="secondMoment">Updated.</param>
/// <param name="teacher">Updated with the moving average; may be null where no step updates it.</param>
public readonly unsafe struct OptimizerArenas(float* parameters, float* gradients, float* firstMoment, float* secondMoment, float* teacher)
{
    /// <summary>Parameters.</summary>
    public float* Parameters { get; } = parameters;

    /// <summary>Gradients.</summary>
    public float* Gradients { get; } = gradients;

    /// <summary>Adam's m.</summary>
    public float* FirstMoment { get; } = firstMoment;

    /// <summary>Adam's v.</summary>
    public float* SecondMoment { get; } = secondMoment;

    /// <summary>Teacher or null.</summary>
    public float* Teacher { get; } = teacher;
}
