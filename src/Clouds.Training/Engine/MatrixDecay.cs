using Clouds.Graph.Building;

namespace Clouds.Training.Engine;

/// <summary>
/// Weight decay of matrices and kernels alone, not of gains, biases, tables and single numbers (Radford et al. 2021, section 2.5: "all weights that are not
/// gains or biases").
/// </summary>
internal static class MatrixDecay
{
    /// <summary>The optimisation with its groups: decayed, and not.</summary>
    public static Optimization Over(Optimization optimization, double decay) => optimization with
    {
        Groups = [new ParameterGroup(1, decay), new ParameterGroup()],
        GroupOf = parameter => parameter.Kind == ParameterKind.Plain && parameter.Shape.Rank > 1 ? 0 : 1,
    };
}
