using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>Times of one way to refine a map.</summary>
/// <param name="Way">"clouds" or "reference way".</param>
/// <param name="Threads">Threads.</param>
/// <param name="MsMedian">Milliseconds an image, median.</param>
/// <param name="MsMin">Milliseconds an image, best sample.</param>
/// <param name="Runs">Samples.</param>
/// <param name="Quiet">Samples that never waited for a processor.</param>
public sealed record RefinementRow(string Way, int Threads, double MsMedian, double MsMin, int Runs, int Quiet);

/// <summary>Times of a refinement without the network that makes its masks.</summary>
/// <param name="Size">Side of the map in pixels.</param>
/// <param name="Masks">Prompted components.</param>
/// <param name="Components">All components.</param>
/// <param name="Rows">Each way on each number of threads.</param>
public sealed record RefinementReport(int Size, int Masks, int Components, IReadOnlyList<RefinementRow> Rows);

/// <summary>Times a refinement, whose masks are there already, beside the released code's way; both give the same map.</summary>
public static class RefinementBench
{
    private const int Points = 5;

    /// <summary>Runs both ways.</summary>
    /// <param name="size">Side of the map in pixels.</param>
    /// <param name="masks">Components that get one: the largest ones of a rough scene.</param>
    /// <param name="threads">Thread counts, each timed by itself.</param>
    /// <param name="runs">Samples of each.</param>
    /// <param name="cancellation">Asked between samples.</param>
    /// <exception cref="CloudsException">Internal: the two ways disagree.</exception>
    public static RefinementReport Run(int size, int masks, IReadOnlyList<int> threads, int runs, CancellationToken cancellation)
    {
        byte[] map = SeededMaps.Scene(size, size, roughness: 0.1f, speckle: 0.002f, seed: 19);
        using ConnectedComponents labeller = new();
        int[] areas = [.. labeller.Run(map, size, size, new ComponentRule()).ToArray().Select(component => component.Area).OrderDescending()];
        int prompts = Math.Min(masks, areas.Length - 1);
        RefinementOptions options = new() { SizeThreshold = areas[prompts], Points = Points };
        prompts = areas.Count(area => area > options.SizeThreshold);
        MaskGeometry geometry = MaskGeometry.Sam(1024, 1024, size, size);
        PreparedMasks prepared = new(geometry, prompts);
        ReferenceRefinement reference = new(map, geometry, prepared.Logits, prepared.Scores, options.SizeThreshold, Points);
        LabelMap labels = new(size, size, Array.ConvertAll(map, id => (ushort)id));
        RgbImage image = new(size, size);
        List<RefinementRow> rows = [];
        foreach (int count in threads)
        {
            using PseudoLabelRefiner refiner = new(prepared, options, count);
            Compare(refiner.Refine(image, labels, default).Map.Ids, reference.Run(count));
            rows.Add(Row("clouds", count, () => refiner.Refine(image, labels, default), runs, cancellation));
            rows.Add(Row("reference way", count, () => reference.Run(count), runs, cancellation));
        }

        return new RefinementReport(size, prompts, areas.Length, rows);
    }

    private static RefinementRow Row(string way, int threads, Action work, int runs, CancellationToken cancellation)
    {
        BenchTime time = BenchClock.Measure(work, runs, cancellation);
        return new RefinementRow(way, threads, 1e3 * time.Median, 1e3 * time.Least, time.Runs, time.Quiet);
    }

    private static void Compare(ushort[] ours, byte[] theirs)
    {
        int differing = ours.Zip(theirs).Count(pixel => pixel.First != pixel.Second);
        if (differing > 0)
        {
            throw new CloudsException(Failure.Internal, "two ways to refine a map disagree", "bench refine", $"{differing} pixels", "none");
        }
    }

    /// <summary>
    /// Masks that cost nothing: the refiner keeps its memory from image to image, so they are written there once and stay.
    /// </summary>
    private sealed class PreparedMasks : IMaskPredictor, IEmbeddedImage
    {
        private bool _written;

        public PreparedMasks(MaskGeometry geometry, int prompts)
        {
            Frame = new MaskFrame(
                geometry.MaskHeight, geometry.MaskWidth, geometry.FrameHeight, geometry.FrameWidth, geometry.InputHeight, geometry.InputWidth);
            Logits = SeededArrays.Uniform(7, "mask borders", (long)prompts * MaskMerge.Candidates * geometry.MaskPixels, -0.5f, 0.5f);
            for (int i = 0; i < Logits.Length; i++)
            {
                (int plane, int pixel) = Math.DivRem(i, geometry.MaskPixels);
                (int y, int x) = Math.DivRem(pixel, geometry.MaskWidth);
                (x, y) = (x - (plane * 67 % geometry.MaskWidth), y - (plane * 131 % geometry.MaskHeight));
                Logits[i] += 15 + (plane * 7 % 30) - MathF.Sqrt((x * x) + (y * y));
            }

            Scores = SeededArrays.Uniform(8, "scores", MaskMerge.Candidates * prompts, 0, 1);
        }

        public MaskFrame Frame { get; }

        public float[] Logits { get; }

        public float[] Scores { get; }

        public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation = default) => this;

        public void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
        {
            // The first element tells whether this memory has them: another refiner has other memory.
            if (!_written || logits[0] != Logits[0] || logits[^1] != Logits[^1])
            {
                Logits.CopyTo(logits);
                _written = true;
            }

            Scores.CopyTo(scores);
        }

        public void Dispose()
        {
        }
    }
}
