using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Kernels;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// The optimiser's parameter groups: head or encoder, decayed or not. Normalisation layers and embedding tables are not decayed; biases,
/// and the pixel decoder's level embedding, are (method.md section 3.1).
/// </summary>
public static class ParameterGroups
{
    private const int Undecayed = 1;
    private const int Encoder = 2;

    public static int Of(Parameter parameter)
    {
        int decay = parameter.Kind == ParameterKind.Plain ? 0 : Undecayed;
        bool encoder = parameter.Name.StartsWith(MaskFormer.EncoderScope, StringComparison.Ordinal);
        return decay + (encoder ? Encoder : 0);
    }

    /// <summary>Learning rate and decay of every group at a step.</summary>
    public static GroupSetting[] At(long step, SourceTrainingConfig config)
    {
        double rate = config.Optimizer.LearningRate * config.Optimizer.ScheduleOver(config.Steps).Factor(step);
        double decay = config.Optimizer.WeightDecay;
        double encoderRate = rate * config.Encoder.LearningRateMultiplier;
        return [new(rate, decay), new(rate, 0), new(encoderRate, decay), new(encoderRate, 0)];
    }
}
