using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>torchvision's ResNet: stem, the four stages and the classifier.</summary>
internal sealed class ResNetModule : IGoldenModule
{
    public string Name => "torchvision_resnet";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        ResNet network = new(new ResNetConfig { Blocks = golden.Config.Ints("layers"), Width = golden.Config.Int("width") });
        Value image = graph.Input("input");
        Pyramid pyramid = network.Build(g, image);
        foreach ((string name, Value value) in pyramid.Levels.Prepend(("stem", network.Stem(g, image))))
        {
            g.Output(name, value);
        }

        g.Output("logits", ResNet.Classify(g, pyramid.C5, golden.Config.Int("num_classes")));
        return graph.Run(device, cancellation);
    }
}
