using Clouds.Graph.Building;
using Clouds.Graph.Operators;
using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// What our kernels take from the provider's pool while they run. ONNX Runtime's own take little, and cuDNN's workspaces are not foreseen.
/// </summary>
internal static class NodeScratch
{
    /// <summary>Bytes of each request of a node.</summary>
    public static IReadOnlyList<long> Of(Node node) => node.Domain != GraphBuilder.Domain ? [] : node.Op switch
    {
        "MsDeformAttnGrad" => [sizeof(long) * node.Outputs[0].Shape.ElementCount],
        "PointSampleGrad" => PointSampleGrad(node.Outputs[0].Shape.Sizes, node.Input(1).Shape.Sizes),
        "MatchingCost" => [sizeof(float) * CudaMatchingCost.ScratchFloats(Matching(node))],
        "ConvWeightGrad" => [sizeof(float) * (Convolution(node).SpreadInputs + Convolution(node).SpreadOutputs)],
        _ => [],
    };

    // Lists of points by the cell that they fall into.
    private static IReadOnlyList<long> PointSampleGrad(long[] map, long[] points)
        => [sizeof(uint) * map[0] * (((map[2] + 1) * (map[3] + 1)) + 1), sizeof(uint) * map[0] * points[1]];

    private static ConvWeightShape Convolution(Node node)
    {
        int[] upstream = Sizes(node, 0), x = Sizes(node, 1);
        return new ConvWeightShape(x[0], x[1], upstream[1], x[2], x[3]);
    }

    private static MatchingShape Matching(Node node)
    {
        int[] classes = Sizes(node, 0), masks = Sizes(node, 1), targets = Sizes(node, 3), points = Sizes(node, 5);
        return new MatchingShape(classes[0], classes[1], targets[1], classes[2], masks[2], masks[3], targets[2], targets[3], points[1]);
    }

    private static int[] Sizes(Node node, int input) => Array.ConvertAll(node.Input(input).Shape.Sizes, size => checked((int)size));
}
