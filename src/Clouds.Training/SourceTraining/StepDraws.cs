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
    /// Draws the points of one step, on a processor the matcher's in the order in which they lie on the mask logits: it sums over all of them.
    /// Slots that no target can fill keep what they had: nothing they say counts.
    /// </summary>
    public void Fill(Batch batch) => Parallel.For(0, _orders.Length, p =>
    {
        RandomStream random = batch.Random("points", p);
        Span<float> matcher = batch.Draw(_ports.Draws[p].Matcher, random);
        for (int image = 0; image < _images && !matcher.IsEmpty; image++)
        {
            _orders[p].Sort(matcher.Slice(image * (matcher.Length / _images), matcher.Length / _images));
        }

        FillSlots(batch, random, batch.Of(_ports.Valid).Span, _ports.Draws[p]);
    });

    private static void FillSlots(Batch batch, RandomStream random, ReadOnlySpan<float> valid, DrawPorts ports)
    {
        for (int slot = 0; slot < valid.Length; slot++)
        {
            if (valid[slot] == 1)
            {
                batch.Draw(ports.Candidates, random, slot, valid.Length);
                batch.Draw(ports.Fresh, random, slot, valid.Length);
            }
        }
    }
}
