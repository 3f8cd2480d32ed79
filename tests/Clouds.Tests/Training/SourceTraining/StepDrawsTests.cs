using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
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
        new RandomStream(7, "points", 4, 0).Fill(expected);
        for (int image = 0; image < Shape.Images; image++)
        {
            new PointOrder(Shape.Height / 4, Shape.Width / 4).Sort(expected.AsSpan(image * 2 * Points, 2 * Points));
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Fill_SameStep_GivesTheSamePoints()
    {
        float[] first = Matcher(step: 1);
        Assert.NotEqual(first, Matcher(step: 2));
        Assert.Equal(first, Matcher(step: 1));
    }

    private float[] Matcher(long step)
    {
        Batch batch = new(_memory, seed: 7, step);
        new StepDraws(_ports, Shape).Fill(batch);
        return batch.Of(_ports.Draws[0].Matcher).ToArray();
    }
}
