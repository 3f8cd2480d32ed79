using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

public class StepDrawsTests
{
    private const int Points = 40;
    private static readonly CriterionConfig Config = new() { Points = Points };
    private static readonly StepShape Shape = new(2, 64, 96, 3);

    [Fact]
    public void Fill_MatcherPoints_AreTheDrawsInTheOrderOfTheMaskLogits()
    {
        using Drawn drawn = new();
        float[] found = drawn.Matcher(step: 4);
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
        using Drawn drawn = new();
        float[] first = drawn.Matcher(step: 1);
        Assert.NotEqual(first, drawn.Matcher(step: 2));
        Assert.Equal(first, drawn.Matcher(step: 1));
    }

    /// <summary>A graph that hands the matcher's points through.</summary>
    private sealed class Drawn : IDisposable
    {
        private readonly GraphSession _session;
        private readonly StepDraws _draws;
        private readonly float[] _matcher = new float[Shape.Images * Points * 2];

        public Drawn()
        {
            GraphBuilder g = new("draws");
            int slots = Shape.Images * Shape.Slots;
            Value matcher = g.Input("draws.0.matcher", ElementType.Float, [Shape.Images, Points, 2]);
            Value candidates = g.Input("draws.0.candidates", ElementType.Float, [slots, 3 * Points, 2]);
            Value fresh = g.Input("draws.0.fresh", ElementType.Float, [slots, Points / 4, 2]);
            g.Output("matcher", g.Neg(matcher));
            g.Output("others", g.Add(g.SumAll(candidates), g.SumAll(fresh)));
            _session = SessionFactory.Create(OnnxModel.Write(g), new SessionSettings { Threads = 1 });
            _draws = new StepDraws(_session, Config, Shape, predictions: 1);
            _session.Bind<float>("matcher", _matcher, Shape.Images, Points, 2);
            _session.Bind<float>("others", new float[1]);
        }

        public float[] Matcher(long step)
        {
            _draws.Fill(7, step, new TargetBatch(Shape));
            _session.Run();
            return [.. _matcher.Select(value => -value)];
        }

        public void Dispose() => _session.Dispose();
    }
}
