namespace Clouds.Training.Engine;

/// <summary>
/// A training: a graph and a source of batches. Everything else, from the sessions to the resumed run, is the engine's (<see cref="Trainer"/>).
/// </summary>
/// <example>
/// <code>
/// private static readonly Port&lt;float&gt; Points = new("points", [64, 2]), Heights = new("heights", [64, 1]);
///
/// public TrainingGraph Build()
/// {
///     GraphBuilder g = new("fit");
///     Value error = g.Sub(g.Linear(Points.In(g), "slope", 1), Heights.In(g));
///     return TrainingGraph.Of(g, loss: g.SumAll(g.Square(error)));
/// }
///
/// public void Fill(Batch batch)
/// {
///     batch.Random("points").Fill(batch.Of(Points).Span);
///     Measure(batch.Of(Points), batch.Of(Heights));
/// }
/// </code>
/// </example>
public interface ITraining
{
    /// <summary>Writes the graph: the forward pass with its loss. Called once, before the first step.</summary>
    TrainingGraph Build();

    /// <summary>Fills every port that no graph fills, for one step; those that wait for the stages may be left to <see cref="Complete"/>.</summary>
    void Fill(Batch batch);

    /// <summary>
    /// Comes between the stages and the training graph: reads what stages gave, runs those on demand, fills the ports that depend on it.
    /// </summary>
    void Complete(Batch batch)
    {
    }
}
