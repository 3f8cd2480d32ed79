using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;

namespace Clouds.Training.Engine;

/// <summary>
/// A graph that runs in every step before the training graph and gets no gradients: a frozen encoder, a teacher. Its outputs are ports of the
/// graphs behind it.
/// </summary>
/// <param name="Graph">The graph; its output names are port names.</param>
/// <param name="Weights">
/// The parameters that never change; they belong to the engine from now on. All others are the teacher's, and bear the names of trained parameters.
/// </param>
public sealed record Stage(GraphBuilder Graph, FrozenWeights? Weights = null)
{
    /// <summary>Whether it runs when and as often as the training says (<see cref="Batch.Run"/>), instead of once in every step.</summary>
    public bool OnDemand { get; init; }

    /// <summary>Parameters whose names start so are not the teacher's but the trained ones as they are; null: none.</summary>
    public string? Live { get; init; }

    /// <summary>The same stage in another precision.</summary>
    public Stage In(TrainingPrecision precision) => precision == TrainingPrecision.Single ? this : this with { Graph = MixedPrecision.Of(Graph) };
}
