using Clouds.Graph.Building;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>Two towers learn which two views show the same thing: CLIP's loss with its learned temperature (Radford et al. 2021, figure 3).</summary>
internal sealed class ContrastivePair : ITraining
{
    private const int Pairs = 128, Features = 12, Width = 32;
    private static readonly Port<float> Left = new("left", [Pairs, Features]), Right = new("right", [Pairs, Features]);
    private static readonly float[] Diagonal = [.. Enumerable.Range(0, Pairs * Pairs).Select(i => i % (Pairs + 1) == 0 ? 1f : 0)];

    public static TrainingSettings Settings { get; } = new() { Steps = 120, Optimization = new() { LearningRate = 5e-3 }, CheckpointEvery = 25 };

    public TrainingGraph Build()
    {
        GraphBuilder g = new("contrastive pair");
        Value scale = g.Exp(g.Parameter("logit_scale", [1], Initialize.Constant(MathF.Log(1 / 0.07f))));
        Value left = Tower(g, "tower.left", Left.In(g));                                                    // [P, W], of length 1
        Value right = Tower(g, "tower.right", Right.In(g));                                                 // [P, W]
        Value logits = g.Mul(g.MatMul(left, g.Transpose(right, 1, 0)), scale);                              // [P, P]
        Value loss = g.Mul(g.Add(OwnPartner(g, logits), OwnPartner(g, g.Transpose(logits, 1, 0))), 0.5f);
        return TrainingGraph.Of(g, loss, ("scale", scale));
    }

    public void Fill(Batch batch)
    {
        Span<float> left = batch.Of(Left).Span;
        Span<float> right = batch.Of(Right).Span;
        batch.Random("view").Fill(left);
        for (int i = 0; i < left.Length; i++)
        {
            right[i] = MathF.Cos(3 * left[i]);
        }
    }

    private static Value Tower(GraphBuilder g, string name, Value x)
    {
        Value y = g.Linear(g.Gelu(g.Linear(x, $"{name}.in", 128)), $"{name}.out", Width);
        return g.Div(y, g.Sqrt(g.ReduceSum(g.Square(y), -1)));
    }

    // Cross-entropy: partner i is the right answer to row i.
    private static Value OwnPartner(GraphBuilder g, Value logits) =>
        g.Mul(g.SumAll(g.Mul(g.LogSoftmax(logits), g.Constant(Diagonal, Pairs, Pairs))), -1f / Pairs);
}
