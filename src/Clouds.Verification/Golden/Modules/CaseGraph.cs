using Clouds.Diagnostics;
using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>A graph built from a golden case: its inputs are the case's tensors, its parameters the case's weights, both by name.</summary>
internal sealed class CaseGraph(GoldenCase golden)
{
    /// <summary>The graph.</summary>
    public GraphBuilder G { get; } = new($"{golden.Module}/{golden.Name}");

    /// <summary>A tensor of the case as a graph input.</summary>
    public Value Input(string name, ElementType type = ElementType.Float) => G.Input(name, type, Shape.Of([.. golden.Tensor(name).Shape]));

    /// <summary>
    /// Adds what every differentiable case asks for: the loss Σ Σ output · cotangent, its gradients by parameter ("grad.{name}") and by input
    /// ("grad_input.{name}").
    /// </summary>
    public void Differentiate(IReadOnlyList<(string Name, Value Value)> outputs, IReadOnlyList<(string Name, Value Value)> inputs)
    {
        (Value Output, Value Cotangent)[] pairs = [.. outputs.Select(output => (output.Value, Input($"cotangent.{output.Name}")))];
        Parameter[] parameters = [.. G.Parameters];
        IReadOnlyList<Value> gradients = Gradients.Of(G, pairs, [.. parameters.Select(p => p.Value), .. inputs.Select(input => input.Value)]);
        G.Output("loss", pairs.Select(pair => G.SumAll(G.Mul(pair.Output, pair.Cotangent))).Aggregate(G.Add));
        string[] names = [.. parameters.Select(p => $"grad.{p.Name}"), .. inputs.Select(input => $"grad_input.{input.Name}")];
        for (int i = 0; i < names.Length; i++)
        {
            G.Output(names[i], gradients[i]);
        }
    }

    /// <summary>Runs the graph on the case's tensors.</summary>
    public IReadOnlyDictionary<string, GoldenTensor> Run(Device device, CancellationToken cancellation) =>
        GraphRun.Run(G, device, golden.Tensor, Weight, cancellation);

    /// <summary>A weight of the case in a parameter's shape.</summary>
    public float[] Weight(Parameter parameter)
    {
        float[] values = golden.Weights.ReadFloats(parameter.Name);
        return values.Length == parameter.Shape.ElementCount
            ? values
            : throw new CloudsException(Failure.Weights, "a weight of a golden case has another shape",
                $"{golden.Folder}: {parameter.Name}", $"{values.Length} elements", $"{parameter.Shape}", "check the case's config");
    }
}
