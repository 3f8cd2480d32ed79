using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.SourceTraining;

/// <summary>Buffers of a step's random points, bound to the graph; filled anew for every step from (seed, step, prediction).</summary>
internal sealed class StepDraws
{
    private readonly StepShape _shape;
    private readonly (float[] Matcher, PointOrder Order, float[] Candidates, float[] Fresh)[] _predictions;

    public StepDraws(GraphSession session, CriterionConfig config, StepShape shape, int predictions)
    {
        _shape = shape;
        (long height, long width) = shape.FeatureSizes[0];
        int slots = shape.Images * shape.Slots;
        float[] Buffer(string name, int rows, int points)
        {
            float[] buffer = new float[rows * points * 2];
            session.Bind<float>(name, buffer, rows, points, 2);
            return buffer;
        }

        _predictions = [.. Enumerable.Range(0, predictions).Select(p => (
            Buffer($"draws.{p}.matcher", shape.Images, config.Points),
            new PointOrder((int)height, (int)width),
            Buffer($"draws.{p}.candidates", slots, config.Candidates),
            Buffer($"draws.{p}.fresh", slots, config.Fresh)))];
    }

    /// <summary>
    /// Draws the points of one step, the matcher's in the order in which they lie on the mask logits: it sums over all of them. Slots that no target
    /// can fill keep what they had: nothing they say counts.
    /// </summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="step">Step, from 0.</param>
    /// <param name="targets">The step's targets, to know which slots are used.</param>
    public void Fill(ulong seed, long step, TargetBatch targets) => Parallel.For(0, _predictions.Length, p =>
    {
        (float[] matcher, PointOrder order, float[] candidates, float[] fresh) = _predictions[p];
        RandomStream random = new(seed, "points", step, p);
        random.Fill(matcher);
        for (int image = 0; image < _shape.Images; image++)
        {
            order.Sort(Row(matcher, image, _shape.Images));
        }

        for (int slot = 0; slot < _shape.Images * _shape.Slots; slot++)
        {
            if (targets.Valid[slot] == 1)
            {
                random.Fill(Row(candidates, slot, _shape.Images * _shape.Slots));
                random.Fill(Row(fresh, slot, _shape.Images * _shape.Slots));
            }
        }
    });

    private static Span<float> Row(float[] buffer, int row, int rows) => buffer.AsSpan(row * (buffer.Length / rows), buffer.Length / rows);
}
