using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>The sampling core of deformable attention, forward and backward.</summary>
internal sealed class MsDeformCoreModule : IGoldenModule
{
    public string Name => "msdeform_core";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        Value[] inputs = [graph.Input("value"), graph.Input("sampling_locations"), graph.Input("attention_weights")];
        Value output = g.MsDeformAttn(inputs[0], inputs[1], inputs[2], golden.Tensor("spatial_shapes").AsIntegers());
        IReadOnlyList<Value> gradients = Gradients.Of(g, [(output, graph.Input("cotangent"))], inputs);
        g.Output("output", output);
        for (int i = 0; i < inputs.Length; i++)
        {
            g.Output($"grad_{inputs[i].Name}", gradients[i]);
        }

        return graph.Run(device, cancellation);
    }
}
