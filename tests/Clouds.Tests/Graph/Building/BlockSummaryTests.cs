using Clouds.Graph.Building;
using Clouds.Models.Encoders;

namespace Clouds.Tests.Graph.Building;

[Kind(TestKind.Fast)]
public sealed class BlockSummaryTests
{
    // He et al. 2016, table 1: 3.8 billion for the network with the stride in the 1 x 1 convolution; torchvision's v1.5 has 4.09 with its classifier.
    [Fact]
    public void Of_ResNet50AtItsTrainedSize_CountsTheWorkThatItsAuthorsCount()
    {
        GraphBuilder g = new("resnet50");
        Pyramid maps = new ResNet(ResNetConfig.Rn50).Build(g, g.Input("image", ElementType.Float, [1, 3, 224, 224]));
        g.Output("logits", ResNet.Classify(g, maps.C5, 1000));
        IReadOnlyList<BlockSummary> blocks = BlockSummary.Of(g);
        Assert.Equal(4.09, blocks.Sum(block => block.MultiplyAdds) / 1e9, 2);
        Assert.Equal(["conv1", "bn1", "layer1.0", "layer1.1"], blocks.Take(4).Select(block => block.Name));
        Assert.Equal([1, 256, 56, 56], blocks[2].Output.Sizes);

        // Published: 25,557,032 learned; running means and variances, which are kept beside them, are 53,120 more.
        Assert.Equal(25_557_032 + 53_120, blocks.Sum(block => block.Parameters));
    }

    [Fact]
    public void Of_WeightsThatAreTransformedFirst_BelongToTheBlockThatUsesThem()
    {
        GraphBuilder g = new("halves");
        Value x = g.Input("x", ElementType.Float, [3, 4]);
        IReadOnlyList<Value> halves = g.Split(g.Parameter("a.weight", [10, 4], Initialize.Ones), 0, 5, 5);
        g.Output("y", g.Add(g.Linear(x, halves[0], null), g.Linear(x, halves[1], null)));
        BlockSummary block = Assert.Single(BlockSummary.Of(g));
        Assert.Equal(("a", 40L, 2L * 3 * 5 * 4), (block.Name, block.Parameters, block.MultiplyAdds));
    }

    [Fact]
    public void Of_Layers_HasARowForEach()
    {
        GraphBuilder g = new("resnet");
        g.Output("c5", new ResNet(ResNetConfig.Rn50).Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64])).C5);
        Assert.Contains(BlockSummary.Of(g, layers: true), block => block is { Name: "layer1.0.downsample.0", Parameters: 64 * 256 });
    }
}
