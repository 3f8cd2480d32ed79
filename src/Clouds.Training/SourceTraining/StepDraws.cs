using Clouds.Graph.Randomness;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Kernels;
using Clouds.Training.Engine;

namespace Clouds.Training.SourceTraining;

/// <summary>A step's random points, drawn anew for every step from (seed, step, prediction, image); whoever computes the image draws the same.</summary>
internal sealed class StepDraws
{
    private readonly CriterionPorts _ports;
    private readonly IndexShare _images;
    private readonly int _slots;
    private readonly PointOrder[] _orders;

    /// <param name="ports">Where to.</param>
    /// <param name="shape">Sizes of the step.</param>
    /// <param name="images">Which of the step's images these are.</param>
    public StepDraws(CriterionPorts ports, StepShape shape, IndexShare images)
    {
        (long height, long width) = shape.FeatureSizes[0];
        (_ports, _images, _slots) = (ports, images, shape.Slots);
        _orders = [.. ports.Draws.Select(_ => new PointOrder((int)height, (int)width))];
    }

    /// <summary>
    /// Draws the points of one step, on a processor the matcher's in the order in which they lie on the mask logits: it sums over all of them.
    /// Slots that no target can fill keep what they had: nothing they say counts.
    /// </summary>
    public void Fill(Batch batch) => Parallel.For(0, _orders.Length, p =>
    {
        for (int image = 0; image < _images.Count; image++)
        {
            RandomStream random = batch.Random("points", (p * _images.Total) + _images.First + image);
            Span<float> matcher = batch.Draw(_ports.Draws[p].Matcher, random, image, _images.Count);
            if (!matcher.IsEmpty)
            {
                _orders[p].Sort(matcher);
            }

            FillSlots(batch, random, image, _ports.Draws[p]);
        }
    });

    private void FillSlots(Batch batch, RandomStream random, int image, DrawPorts ports)
    {
        ReadOnlySpan<float> valid = batch.Of(_ports.Valid).Span;
        for (int slot = image * _slots; slot < (image + 1) * _slots; slot++)
        {
            if (valid[slot] == 1)
            {
                batch.Draw(ports.Candidates, random, slot, valid.Length);
                batch.Draw(ports.Fresh, random, slot, valid.Length);
            }
        }
    }
}
