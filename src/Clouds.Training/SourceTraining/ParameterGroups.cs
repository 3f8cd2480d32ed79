using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>
/// The optimiser's parameter groups: head or encoder, decayed or not. Normalisation layers and embedding tables are not decayed; biases,
/// and the pixel decoder's level embedding, are (method.md section 3.1). Statistics of batch normalisation stay as they are.
/// </summary>
public static class ParameterGroups
{
    private const int Undecayed = 1;
    private const int Encoder = 2;
    private const int Fixed = 4;

    /// <summary>Index of a parameter's group.</summary>
    public static int Of(Parameter parameter, IEncoder encoder)
    {
        if (parameter.Kind == ParameterKind.Statistic)
        {
            return Fixed;
        }

        int decay = parameter.Kind == ParameterKind.Plain ? 0 : Undecayed;
        return decay + (parameter.Name.StartsWith($"{encoder.Scope}.", StringComparison.Ordinal) ? Encoder : 0);
    }

    /// <summary>The groups by index.</summary>
    public static IReadOnlyList<ParameterGroup> All(double weightDecay, double encoderRate) =>
        [new(1, weightDecay), new(1, 0), new(encoderRate, weightDecay), new(encoderRate, 0), new(0, 0)];
}
