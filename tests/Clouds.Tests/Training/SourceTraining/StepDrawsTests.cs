using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Kernels;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

[Kind(TestKind.Fast)]
public sealed class StepDrawsTests
{
    private const int Points = 40;
    private static readonly StepShape Shape = new(2, 64, 96, 3);

    private readonly CriterionPorts _ports = new(new CriterionConfig { Points = Points }, predictions: 1, Shape);
    private readonly PortBuffers _memory = new(Device.Cpu);

    public StepDrawsTests()
    {
        GraphBuilder g = new("draws");
        _ports.In(g);
        _memory.Add(g);
    }

    [Fact]
    public void Fill_MatcherPoints_AreTheDrawsInTheOrderOfTheMaskLogits()
    {
        float[] found = Matcher(step: 4);
        float[] expected = new float[found.Length];
        for (int image = 0; image < Shape.Images; image++)
        {
            Span<float> points = expected.AsSpan(image * 2 * Points, 2 * Points);
            new RandomStream(7, "points", 4, image).Fill(points);
            new PointOrder(Shape.Height / 4, Shape.Width / 4).Sort(points);
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Fill_ImagesOfALargerStep_HaveTheDrawsThatTheyHaveThere()
    {
        float[] all = Matcher(step: 4, new IndexShare(0, 2, 2));
        float[] expected = new float[2 * Points];
        new RandomStream(7, "points", 4, 5).Fill(expected);
        new PointOrder(Shape.Height / 4, Shape.Width / 4).Sort(expected);
        Assert.Equal(expected, Matcher(step: 4, new IndexShare(4, 2, 6))[(2 * Points)..]);
        Assert.NotEqual(all, Matcher(step: 4, new IndexShare(4, 2, 6)));
    }

    [Fact]
    public void Fill_SameStep_GivesTheSamePoints()
    {
        float[] first = Matcher(step: 1);
        Assert.NotEqual(first, Matcher(step: 2));
        Assert.Equal(first, Matcher(step: 1));
    }

    private float[] Matcher(long step, IndexShare? images = null)
    {
        Batch batch = new(_memory, seed: 7, step);
        new StepDraws(_ports, Shape, images ?? IndexShare.All(Shape.Images)).Fill(batch);
        return batch.Of(_ports.Draws[0].Matcher).ToArray();
    }
}
