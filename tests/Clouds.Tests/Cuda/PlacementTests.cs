using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Tests.Runtime;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using ElementType = Clouds.Graph.Building.ElementType;

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

    public static TheoryData<string> Clips => [.. EncoderConfig.Published.Where(pair => pair.Value.Create() is IClipEncoder).Select(pair => pair.Key)];

    [CudaTheory(CudaNeeds.Compiler)]
    [MemberData(nameof(Clips))]
    public void TextTower_OfAnyClip_IsOnTheGpuEntirely(string encoder)
    {
        IClipEncoder clip = (IClipEncoder)EncoderConfig.Published[encoder].Create();
        GraphBuilder g = new("text tower");
        Value tokens = g.Input("tokens", ElementType.Int64, [ClassPrompts.Count, 12]);
        ClipTextConfig tower = clip.QuickGelu ? ClipTextConfig.ResNet : ClipTextConfig.ConvNeXtLarge;
        g.Output("row", ClassPrompts.Average(g, new ClipText(tower, clip.Embedding).Build(g, tokens)));
        AssertOnGpu(g, atLeast: 200);
    }

    [CudaTheory(CudaNeeds.Compiler)]
    [MemberData(nameof(Clips))]
    public void Network_WithTextClassifierAndEnsemble_AnswersOnTheGpuEntirely(string encoder)
    {
        MaskFormerConfig config = new() { Encoder = EncoderConfig.Published[encoder], Classifier = ClassifierKind.Text, GeometricEnsemble = true };
        GraphBuilder g = new("segment");
        MaskFormer network = new(config, Classes, text: TextBank.InFile([.. Enumerable.Range(1, Classes)], config.Encoder.Create()));
        Prediction answer = network.Answer(g, g.Input("image", ElementType.Float, [1, 3, 96, 128]));
        g.Output("class_logits", answer.ClassLogits);
        g.Output("mask_logits", answer.MaskLogits);
        AssertOnGpu(g, atLeast: 1000);
    }

    [CudaTheory(CudaNeeds.Compiler)]
    [MemberData(nameof(Clips))]
    public void Network_WithTextClassifier_TrainsOnTheGpuEntirely(string encoder)
    {
        MaskFormerConfig config = new() { Encoder = EncoderConfig.Published[encoder], Classifier = ClassifierKind.Text };
        int embedding = ((IClipEncoder)config.Encoder.Create()).Embedding;
        MaskFormer network = new(config, Classes, text: TextBank.Of([.. Enumerable.Repeat(2, Classes)], new float[2 * Classes * embedding]));
        AssertOnGpu(new SourceGraph(network, new CriterionConfig(), new StepShape(2, 96, 128, Classes)).OnFeatures().Graph, atLeast: 3000);
    }

    [CudaFact(CudaNeeds.Compiler)]
    public void SmallNetwork_TrainedAsAWhole_IsOnTheGpuEntirely()
    {
        SourceTrainingConfig config = SourceTrainingConfig.Small;
        SourceGraph graph = new(new MaskFormer(config.Network, Classes, trainEncoder: true), config.Loss, new StepShape(2, 64, 96, Classes));
        AssertOnGpu(graph.Whole().Graph, atLeast: 500);
    }

    [CudaFact(CudaNeeds.Compiler)]
    public void Step_InMixedPrecision_IsOnTheGpuEntirelyWithItsFrozenEncoder()
    {
        SourceTrainingConfig config = SourceTrainingConfig.Small;
        TrainingGraph step = new SourceGraph(new MaskFormer(config.Network, Classes), config.Loss, new StepShape(2, 64, 96, Classes))
            .BehindFrozen(_ => null).In(TrainingPrecision.Mixed);
        AssertOnGpu(step.Graph, atLeast: 200);
        AssertOnGpu(step.Stages[0].Graph, atLeast: 20);
        SourceGraph trained = new(new MaskFormer(config.Network, Classes, trainEncoder: true), config.Loss, new StepShape(2, 64, 96, Classes));
        AssertOnGpu(trained.Whole().In(TrainingPrecision.Mixed).Graph, atLeast: 500);
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
