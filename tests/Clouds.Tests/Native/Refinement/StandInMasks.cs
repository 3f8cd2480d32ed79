using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;

namespace Clouds.Tests.Native.Refinement;

/// <summary>In the place of Segment Anything: rough discs and scores that are a function of a prompt's points, and of its mask where it has one.</summary>
internal class StandInMasks(MaskFrame frame, ulong seed = 1) : IMaskPredictor, IEmbeddedImage
{
    /// <summary>Prompts of each call so far.</summary>
    public List<int> Calls { get; } = [];

    public MaskFrame Frame => frame;

    /// <summary>Whether no mask has any pixel.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Largest radius of a disc as a share of the frame.</summary>
    public double Reach { get; init; } = 0.5;

    public bool IsDisposed { get; private set; }

    public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation = default) => this;

    public virtual void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
    {
        Calls.Add(prompts.Count);
        int mask = frame.MaskHeight * frame.MaskWidth;
        int points = prompts.Points.Length / prompts.Count;
        Assert.Equal(prompts.Count * 3 * mask, logits.Length);
        Assert.True(prompts.Masks.Length is 0 || prompts.Masks.Length == prompts.Count * mask);
        for (int i = 0; i < prompts.Count; i++)
        {
            ReadOnlySpan<float> prior = prompts.Masks.IsEmpty ? [] : prompts.Masks.Slice(i * mask, mask);
            Answer(prompts.Points.Slice(i * points, points), prior, logits.Slice(3 * i * mask, 3 * mask), scores.Slice(3 * i, 3));
        }
    }

    public void Dispose() => IsDisposed = true;

    private void Answer(ReadOnlySpan<float> points, ReadOnlySpan<float> prior, Span<float> logits, Span<float> scores)
    {
        long key = 17;
        foreach (float value in points)
        {
            key = (key * 31) + (long)value;
        }

        foreach (float value in prior)
        {
            key = (key * 37) + (value > 0 ? 1 : 0);
        }

        RandomStream random = new(seed, "stand-in masks", key);
        int mask = frame.MaskHeight * frame.MaskWidth;
        for (int plane = 0; plane < 3; plane++)
        {
            // Quarters, so that scores tie often.
            scores[plane] = random.NextInt32(5) / 4f;
            double radius = IsEmpty ? -10 : random.NextDouble(-0.1, Reach) * frame.MaskWidth;
            (double x, double y) = (random.NextDouble() * frame.MaskWidth, random.NextDouble() * frame.MaskHeight);
            for (int i = 0; i < mask; i++)
            {
                double distance = Math.Sqrt(Math.Pow((i % frame.MaskWidth) - x, 2) + Math.Pow((i / frame.MaskWidth) - y, 2));
                logits[(plane * mask) + i] = (float)(radius - distance + random.NextDouble(-0.7, 0.7));
            }
        }
    }
}

/// <summary>The same, on a device as far as the refiner knows.</summary>
internal sealed class StandInMasksOn(Device device, MaskFrame frame, ulong seed = 1) : StandInMasks(frame, seed), IOnDevice
{
    public Device Device => device;
}
