using Clouds.Graph.Building;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>The memory that a training's steps will take.</summary>
internal static class StepMemory
{
    // Parameters, gradients and two moments.
    private const int Parts = 4;

    /// <summary>From the graphs: ports, parameters and what training keeps beside them, sessions.</summary>
    public static MemoryForecast Of(TrainingGraph graph, bool teacher)
    {
        MemoryForecast forecast = new();
        Dictionary<string, Value> ports = [];
        foreach (Stage stage in graph.Stages)
        {
            forecast.AddSession(stage.Graph, stage.Weights);
            AddPorts(ports, stage.Graph);
            if (stage.Weights is not null)
            {
                forecast.AddWeights(stage.Weights);
            }
        }

        forecast.AddSession(graph.Graph, weights: null);
        AddPorts(ports, graph.Graph);
        forecast.AddBuffer(ports.Values.Sum(MemoryPlan.BytesOf));
        forecast.AddBuffer((Parts + (teacher ? 1 : 0)) * graph.Trained.Sum(parameter => MemoryPlan.BytesOf(parameter.Value)));
        return forecast;
    }

    private static void AddPorts(Dictionary<string, Value> ports, GraphBuilder graph)
    {
        foreach (Value input in graph.Inputs)
        {
            ports.TryAdd(input.Name, input);
        }

        foreach ((string name, Value value) in graph.Outputs.Where(output => !TrainingGraph.IsGradient(output.Name)))
        {
            ports.TryAdd(name, value);
        }
    }
}
