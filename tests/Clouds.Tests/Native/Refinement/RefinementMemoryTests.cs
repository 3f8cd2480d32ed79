using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Tests.Server.Requests;

namespace Clouds.Tests.Native.Refinement;

/// <summary>What the process takes while thousands of components are refined, with masks of Segment Anything's size.</summary>
[Kind(TestKind.Fast)]
[Collection(nameof(Undisturbed))]
public sealed class RefinementMemoryTests
{
    private const int Side = 768;
    private const long Mebi = 1 << 20;

    [Fact]
    public void Refine_FiveThousandComponentsAtThreshold0_TakesTheMemoryOfAChunkFromTheFirstToTheLast()
    {
        // 71 x 71 squares of four classes, no two of one class beside each other.
        LabelMap map = new(Side, Side, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)((Square(i % Side) % 2) + (2 * (Square(i / Side) % 2))))]);
        SmallMasks masks = new();
        using PseudoLabelRefiner refiner = new(masks, new RefinementOptions { SizeThreshold = 0, PromptsAtOnce = 64 });
        RefinementResult refined = refiner.Refine(new RgbImage(Side, Side), map, new PointSeed(1));
        Assert.Equal((5041, 79), (refined.Components.Count(component => component.Fate == ComponentFate.Prompted), refined.Chunks));

        // 50 MB of logits and what lies beside them are there with the third chunk. What is left to grow is the record: a few hundred bytes a component,
        // and what the collector has not fetched yet.
        long settled = masks.WorkingSets[2];
        long growth = masks.WorkingSets.Skip(3).Max() - settled;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"working set {settled / Mebi} MiB at the third of {masks.WorkingSets.Count} chunks, at most {growth / Mebi} MiB more until the last");
        Assert.InRange(growth, long.MinValue, 48 * Mebi);
    }

    private static int Square(int place) => place * 71 / Side;

    /// <summary>A spot of 5 x 5 logits at a prompt's first point, and what the process takes at each call.</summary>
    private sealed class SmallMasks : IMaskPredictor, IEmbeddedImage
    {
        private const int Mask = 256;

        public List<long> WorkingSets { get; } = [];

        public MaskFrame Frame { get; } = new(Mask, Mask, 1024, 1024, 1024, 1024);

        public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation = default) => this;

        public void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
        {
            logits.Fill(-5);
            scores.Fill(0.5f);
            int points = prompts.Points.Length / prompts.Count;
            for (int prompt = 0; prompt < prompts.Count; prompt++)
            {
                (int x, int y) = ((int)prompts.Points[prompt * points] * Mask / Side, (int)prompts.Points[(prompt * points) + 1] * Mask / Side);
                for (int row = Math.Max(0, y - 2); row < Math.Min(Mask, y + 3); row++)
                {
                    logits.Slice((((3 * prompt * Mask) + row) * Mask) + Math.Max(0, x - 2), Math.Min(Mask, x + 3) - Math.Max(0, x - 2)).Fill(5);
                }
            }

            WorkingSets.Add(Environment.WorkingSet);
        }

        public void Dispose()
        {
        }
    }
}
