using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Tests.Runtime;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Cuda;

/// <summary>Where ONNX Runtime puts the nodes of our graphs: a node on the processor costs two copies and a wait.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class PlacementTests
{
    private const int Classes = 19;

    [CudaFact(CudaNeeds.Compiler)]
    public void TrainingGraph_OfThePapersSizes_IsOnTheGpuEntirely()
    {
        SourceGraph graph = new(new MaskFormer(MaskFormerConfig.Paper, Classes), new CriterionConfig(), new StepShape(8, 768, 768, Classes));
        AssertOnGpu(graph.OnFeatures().Graph, atLeast: 3000);
    }

    public static TheoryData<string> Encoders => [.. EncoderConfig.Published.Keys];

    [CudaTheory(CudaNeeds.Compiler)]
    [MemberData(nameof(Encoders))]
    public void Network_OnAnyEncoderOfThePaper_TrainsOnTheGpuEntirely(string encoder)
    {
        MaskFormer network = new(new MaskFormerConfig { Encoder = EncoderConfig.Published[encoder] }, Classes, trainEncoder: true);
        AssertOnGpu(new SourceGraph(network, new CriterionConfig(), new StepShape(2, 96, 128, Classes)).Whole().Graph, atLeast: 3000);
    }

    [CudaFact(CudaNeeds.Compiler)]
    public void SmallNetwork_TrainedAsAWhole_IsOnTheGpuEntirely()
    {
        SourceTrainingConfig config = SourceTrainingConfig.Small;
        SourceGraph graph = new(new MaskFormer(config.Network, Classes, trainEncoder: true), config.Loss, new StepShape(2, 64, 96, Classes));
        AssertOnGpu(graph.Whole().Graph, atLeast: 500);
    }

    [CudaFact(CudaNeeds.Compiler)]
    public void Of_NodeThatTheProviderLacks_IsNamedWithTheProcessor()
    {
        byte[] model = new TinyModel().Input("x", 4).Output("y", 4).Node("Asin", ["x"], ["y"]).ToBytes();
        using Device device = CudaDevice.Open();
        Assert.Equal("Asin ", Assert.Single(Placement.Of(model, device)["CPUExecutionProvider"]));
    }

    internal static void AssertOnGpu(GraphBuilder graph, int atLeast)
    {
        using Device device = CudaDevice.Open();
        ILookup<string, string> nodes = Placement.Of(OnnxModel.Write(graph), device);
        Assert.Empty(nodes.Where(provider => provider.Key != ProviderKernel.Provider).SelectMany(provider => provider));
        Assert.True(nodes[ProviderKernel.Provider].Count() >= atLeast);
    }
}
