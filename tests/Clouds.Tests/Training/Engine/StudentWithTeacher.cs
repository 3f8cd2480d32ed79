using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

/// <summary>
/// A few labelled points and many without labels: the student has to say of a noisy point what its own moving average says of the clean one
/// (Tarvainen and Valpola 2017).
/// </summary>
internal sealed class StudentWithTeacher : ITraining
{
    private const int Labelled = 8, Unlabelled = 32, Features = 16, Classes = 4;
    private static readonly Port<float> Known = new("known", [Labelled, Features]), Truth = new("truth", [Labelled, Classes]);
    private static readonly Port<float> Clean = new("clean", [Unlabelled, Features]), Noisy = new("noisy", [Unlabelled, Features]);
    private static readonly Port<float> Opinion = new("opinion", [Unlabelled, Classes]);

    public static TrainingSettings Settings { get; } = new()
    {
        Steps = 120,
        Optimization = new() { LearningRate = 5e-3, Teacher = new(Momentum: 0.9) },
        CheckpointEvery = 25,
    };

    public TrainingGraph Build()
    {
        GraphBuilder teacher = new("teacher");
        teacher.Output(Opinion.Name, teacher.Softmax(Network(teacher, Clean.In(teacher))));
        GraphBuilder g = new("student");
        Value supervised = CrossEntropy(g, Network(g, Known.In(g)), Truth.In(g));
        Value difference = g.Sub(g.Softmax(Network(g, Noisy.In(g))), Opinion.In(g));                        // [U, K]
        Value consistency = g.Mul(g.SumAll(g.Square(difference)), 1f / Unlabelled);
        TrainingGraph student = TrainingGraph.Of(g, g.Add(supervised, consistency), ("supervised", supervised), ("consistency", consistency));
        return student with { Stages = [new Stage(teacher)] };
    }

    public void Fill(Batch batch)
    {
        batch.Of(Truth).Span.Clear();
        for (int i = 0; i < Labelled; i++)
        {
            batch.Of(Truth).Span[(i * Classes) + (i % Classes)] = 1;
            Point(i % Classes, batch.Random("known", i), batch.Of(Known).Span.Slice(i * Features, Features));
        }

        for (int i = 0; i < Unlabelled; i++)
        {
            RandomStream random = batch.Random("unknown", i);
            Point(random.NextInt32(Classes), random, batch.Of(Clean).Span.Slice(i * Features, Features));
        }

        batch.Of(Clean).CopyTo(batch.Of(Noisy));
        Shake(batch.Random("noise"), batch.Of(Noisy).Span);
    }

    private static Value Network(GraphBuilder g, Value x) => g.Linear(g.Gelu(g.Linear(x, "network.in", 32)), "network.out", Classes);

    private static Value CrossEntropy(GraphBuilder g, Value logits, Value truth) => g.Mul(g.SumAll(g.Mul(g.LogSoftmax(logits), truth)), -1f / Labelled);

    private static void Point(int ofClass, RandomStream random, Span<float> point)
    {
        new RandomStream(1, "centre", ofClass).Fill(point);
        Shake(random, point);
    }

    private static void Shake(RandomStream random, Span<float> values)
    {
        foreach (ref float value in values)
        {
            value += 0.2f * (float)random.NextNormal();
        }
    }
}
