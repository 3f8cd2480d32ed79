using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>The flat buffers an optimiser step works on; borrowed, all of one layout and length.</summary>
/// <param name="parameters">Updated.</param>
/// <param name="gradients">Read.</param>
/// <param name="firstMoment">Updated.</param>
/// <param name="secondMoment">Updated.</param>
/// <param name="teacher">Updated with the moving average; empty where no step updates it.</param>
public readonly struct OptimizerArenas(
    HostSpan<float> parameters, HostSpan<float> gradients, HostSpan<float> firstMoment, HostSpan<float> secondMoment, HostSpan<float> teacher)
{
    /// <summary>Parameters.</summary>
    public HostSpan<float> Parameters { get; } = parameters;

    /// <summary>Gradients.</summary>
    public HostSpan<float> Gradients { get; } = gradients;

    /// <summary>Adam's m.</summary>
    public HostSpan<float> FirstMoment { get; } = firstMoment;

    /// <summary>Adam's v.</summary>
    public HostSpan<float> SecondMoment { get; } = secondMoment;

    /// <summary>Teacher or nothing.</summary>
    public HostSpan<float> Teacher { get; } = teacher;
}

/// <summary>The same as addresses, after their lengths have been checked.</summary>
internal readonly unsafe struct ArenaPointers
{
    public readonly float* Parameters;
    public readonly float* Gradients;
    public readonly float* FirstMoment;
    public readonly float* SecondMoment;

    /// <summary>Null where this step leaves the teacher alone.</summary>
    public readonly float* Teacher;

    /// <summary>Checks the lengths.</summary>
    /// <param name="arenas">The buffers.</param>
    /// <param name="floats">End of the last parameter.</param>
    /// <param name="teacher">Whether this step updates the teacher.</param>
    /// <exception cref="ArgumentException">A buffer is shorter than the layout, or not as long as the parameters'.</exception>
    public ArenaPointers(OptimizerArenas arenas, long floats, bool teacher)
    {
        const string Formula = "the parameters' length";
        long length = arenas.Parameters.Length;
        KernelCheck.That(length >= floats, "optimiser step", $"the parameters have {length} floats, the layout {floats}");
        Parameters = arenas.Parameters.Pointer(length, "parameters", Formula);
        Gradients = arenas.Gradients.Pointer(length, "gradients", Formula);
        FirstMoment = arenas.FirstMoment.Pointer(length, "first moments", Formula);
        SecondMoment = arenas.SecondMoment.Pointer(length, "second moments", Formula);
        Teacher = teacher ? arenas.Teacher.Pointer(length, "teacher", Formula) : null;
    }
}
