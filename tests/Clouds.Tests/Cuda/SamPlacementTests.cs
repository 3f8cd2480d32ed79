using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Models.Sam;

namespace Clouds.Tests.Cuda;

/// <summary>Segment Anything of its published sizes with the gradients of all its parameters: where ONNX Runtime puts its nodes.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class SamPlacementTests
{
    [CudaTheory(CudaNeeds.Compiler)]
    [InlineData("vit_t")]
    [InlineData("vit_b")]
    public void SegmentAnythingEncoder_AndItsGradients_AreOnTheGpuEntirely(string variant)
    {
        // One block within windows and one without stand for all.
        ImageEmbedderConfig published = SamConfig.Published[variant].Encoder;
        ImageEmbedderConfig encoder = published is SamVitConfig vit ? vit with { Depth = 2, GlobalBlocks = [1] } : published;
        GraphBuilder g = new("encoder");
        Value embedding = new SegmentAnythingNetwork(new SamConfig { Encoder = encoder }).Embed(g, g.Input("image", ElementType.Float, [1, 3, 1024, 1024]));
        g.Output("embedding", embedding);
        PlacementTests.AssertOnGpu(WithGradients(g, embedding), atLeast: 200);
    }

    [CudaTheory(CudaNeeds.Compiler)]
    [InlineData(true)]
    [InlineData(false)]
    public void SegmentAnythingDecoder_AndItsGradients_AreOnTheGpuEntirely(bool withMask)
    {
        GraphBuilder g = new("decoder");
        Value Input(string name, ElementType type, params Dim[] shape) => g.Input(name, type, Shape.Create(shape));
        MaskPrediction answer = new SegmentAnythingNetwork(SamConfig.Published["vit_t"]).Predict(
            g, Input("embedding", ElementType.Float, 1, 256, 64, 64), Input("points", ElementType.Float, 6, 3, 2), Input("labels", ElementType.Int64, 6, 3),
            withMask ? Input("mask", ElementType.Float, 6, 1, 256, 256) : null);
        g.Output("masks", answer.Masks);
        g.Output("scores", answer.Scores);
        PlacementTests.AssertOnGpu(WithGradients(g, answer.Masks, answer.Scores), atLeast: 400);
    }

    private static GraphBuilder WithGradients(GraphBuilder g, params Value[] outputs)
    {
        Value loss = outputs.Select(output => g.SumAll(g.Square(output))).Aggregate(g.Add);
        Parameter[] trained = [.. g.Parameters.Where(parameter => parameter.Kind is not (ParameterKind.Statistic or ParameterKind.Counter))];
        foreach ((Parameter parameter, Value gradient) in trained.Zip(Gradients.Of(g, loss, [.. trained.Select(parameter => parameter.Value)])))
        {
            g.Output($"gradient of {parameter.Name}", gradient);
        }

        return g;
    }
}
