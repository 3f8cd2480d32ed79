using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>How much of a GPU's memory a training will take, from its graphs alone.</summary>
internal static class StepMemory
{
    // Parameters, gradients and two moments.
    private const int Arenas = 4;

    /// <summary>Bytes after the first step: arenas, ports, frozen weights, and the pools of the sessions.</summary>
    /// <param name="training">The graphs.</param>
    /// <param name="teacher">Whether a teacher is kept.</param>
    /// <param name="growth">How pools grow.</param>
    public static long Forecast(TrainingGraph training, bool teacher, ArenaGrowth growth)
    {
        GraphBuilder[] graphs = [.. training.Stages.Select(stage => stage.Graph), training.Graph];
        long arena = (Arenas + (teacher ? 1 : 0)) * training.Trained.Sum(parameter => Bytes(ElementType.Float, parameter.Shape));
        IEnumerable<FrozenWeights> weights = training.Stages.Select(stage => stage.Weights).OfType<FrozenWeights>().Distinct();
        long frozen = weights.SelectMany(all => all.Tensors).Sum(tensor => tensor.Bytes);
        long ports = graphs.SelectMany(Ports).DistinctBy(port => port.Name).Sum(port => Bytes(port.Value.Type, port.Value.Shape));
        return arena + frozen + ports + graphs.Sum(graph => PoolForecast.Bytes(graph, growth));
    }

    private static IEnumerable<(string Name, Value Value)> Ports(GraphBuilder graph)
        => graph.Inputs.Select(input => (input.Name, input)).Concat(graph.Outputs.Where(output => !TrainingGraph.IsGradient(output.Name)));

    private static long Bytes(ElementType type, Shape shape) => shape.ElementCount * type.ByteSize();
}
