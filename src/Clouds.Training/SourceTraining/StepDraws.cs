using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>A step's random points, drawn anew for every step from (seed, step, prediction).</summary>
internal sealed class StepDraws
{
    private readonly CriterionPorts _ports;
    private readonly int _images;
    private readonly PointOrder[] _orders;

    public StepDraws(CriterionPorts ports, StepShape shape)
    {
        (long height, long width) = shape.FeatureSizes[0];
        (_ports, _images) = (ports, shape.Images);
        _orders = [.. ports.Draws.Select(_ => new PointOrder((int)height, (int)width))];
    }

    /// <summary>
    /// Draws the points of one step, the matcher's in the order in which they lie on the mask logits: it sums over all of them. Slots that no
    /// target can fill keep what they had: nothing they say counts.
    /// </summary>
    public void Fill(Batch batch) => Parallel.For(0, _orders.Length, p =>
    {
        RandomStream random = batch.Random("points", p);
        Span<float> matcher = batch.Of(_ports.Draws[p].Matcher).Span;
        random.Fill(matcher);
        for (int image = 0; image < _images; image++)
        {
            _orders[p].Sort(Row(matcher, image, _images));
        }

        FillSlots(random, batch.Of(_ports.Valid).Span, batch.Of(_ports.Draws[p].Candidates).Span, batch.Of(_ports.Draws[p].Fresh).Span);
    });

    private static void FillSlots(RandomStream random, ReadOnlySpan<float> valid, Span<float> candidates, Span<float> fresh)
    {
        for (int slot = 0; slot < valid.Length; slot++)
        {
            if (valid[slot] == 1)
            {
                random.Fill(Row(candidates, slot, valid.Length));
                random.Fill(Row(fresh, slot, valid.Length));
            }
        }
    }

    private static Span<float> Row(Span<float> buffer, int row, int rows) => buffer.Slice(row * (buffer.Length / rows), buffer.Length / rows);
}
