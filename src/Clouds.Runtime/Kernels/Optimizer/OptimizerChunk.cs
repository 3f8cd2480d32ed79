namespace Clouds.Runtime.Kernels;

/// <summary>How gradients are clipped before the step.</summary>
public enum ClipMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One norm over all gradients; they are scaled by min(1, limit / (norm + 1e-6)).</summary>
    FullModel,

    /// <summary>The same for each parameter tensor by itself.</summary>
    ParameterNorm,

    /// <summary>Each element is cut to [-limit, limit].</summary>
    ParameterValue,
}

/// <summary>Learning rate and weight decay of a parameter group at one step.</summary>
public readonly record struct GroupSetting(double LearningRate, double WeightDecay);

/// <summary>Constants of AdamW and of clipping; the defaults are PyTorch's.</summary>
public sealed record OptimizerSettings(ClipMode Clip = ClipMode.None, double ClipLimit = 0, double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8);

/// <summary>A piece of one parameter tensor that a thread handles at once; offset and length in floats.</summary>
internal readonly record struct OptimizerChunk(long Offset, int Length, int Parameter, int Group);

/// <summary>When the teacher's moving average t = a · t + (1 - a) · p is taken.</summary>
public enum TeacherUpdate
{
    /// <summary>Not in this step.</summary>
    None,

    /// <summary>From the parameters as they were before the step (the order of the released code).</summary>
    BeforeStep,

    /// <summary>From the updated parameters: what the next step's forward pass would see.</summary>
    AfterStep,
}

/// <summary>What a step did.</summary>
/// <param name="GradientNorm">Norm over all gradients before clipping.</param>
/// <param name="Skipped">The norm was not finite: parameters, moments and teacher are untouched.</param>
public readonly record struct OptimizerStep(double GradientNorm, bool Skipped);
