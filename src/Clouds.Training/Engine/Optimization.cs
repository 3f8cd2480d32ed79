using Clouds.Graph.Building;
using Clouds.Runtime.Kernels;

namespace Clouds.Training.Engine;

/// <summary>How parameters follow their gradients: AdamW with clipping, a schedule, parameter groups and, where wished, a mean teacher.</summary>
public sealed record Optimization
{
    /// <summary>Base learning rate, above 0.</summary>
    public required double LearningRate { get; init; }

    /// <summary>What the base learning rate is multiplied with at a step.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Constant;

    /// <summary>AdamW's constants and clipping.</summary>
    public OptimizerSettings Rule { get; init; } = new();

    /// <summary>The parameter groups; the first one's learning rate is the one in the history.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [new ParameterGroup()];

    /// <summary>Index of a parameter's group.</summary>
    public Func<Parameter, int> GroupOf { get; init; } = _ => 0;

    /// <summary>The moving average of the parameters; null: none is kept.</summary>
    public MeanTeacher? Teacher { get; init; }

    /// <summary>Learning rate and decay of every group at a step, counted from 0.</summary>
    public GroupSetting[] At(long step)
    {
        double rate = LearningRate * Schedule.Factor(step);
        return [.. Groups.Select(group => new GroupSetting(rate * group.RateMultiplier, group.WeightDecay))];
    }
}

/// <summary>Parameters with a learning rate and a decay of their own.</summary>
/// <param name="RateMultiplier">Learning rate over the base learning rate.</param>
/// <param name="WeightDecay">Decoupled weight decay.</param>
public sealed record ParameterGroup(double RateMultiplier = 1, double WeightDecay = 0);

/// <summary>
/// A second set of parameters that follows the first: t = a · t + (1 - a) · p, after every n-th step, from a copy of the start values
/// (method.md section 3.2). A <see cref="Stage"/> runs on it.
/// </summary>
/// <param name="Momentum">a, in 0..1.</param>
/// <param name="Every">n, steps between two updates, at least 1.</param>
public sealed record MeanTeacher(double Momentum, int Every = 1)
{
    /// <summary>Whether a begins at 0 and rises: in front of step t it is at most 1 - 1/(t + 1) (Tarvainen and Valpola; HRDA).</summary>
    public bool WarmUp { get; init; }

    /// <summary>Whether a resumed run begins with the parameters for its teacher.</summary>
    public bool RestartOnResume { get; init; }

    internal TeacherUpdate At(long step) => (step + 1) % Every == 0 ? TeacherUpdate.AfterStep : TeacherUpdate.None;

    // The update behind a step is the one in front of the next.
    internal double MomentumAt(long step) => WarmUp ? Math.Min(1 - (1 / (step + 2.0)), Momentum) : Momentum;
}
