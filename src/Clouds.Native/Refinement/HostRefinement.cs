using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>The refinement's work on pixels on the processor.</summary>
/// <param name="threads">0 = one a processor.</param>
internal sealed class HostRefinement(int threads) : IRefinementKernels
{
    private readonly HostPoints _points = new(threads);
    private NativeBuffer _logits = new(0);
    private NativeBuffer _best = new(0);
    private MergePlan? _plan;
    private byte[] _labels = [];
    private uint[] _clashes = [];
    private uint[] _bitmaps = [];
    private bool _resumes;

    public Component[] Label(byte[] map, int height, int width, ComponentRule rule) => _points.Label(map, height, width, rule);

    public void Draw(PointDraw draw, Span<float> points, Span<int> counts) => _points.Draw(draw, points, counts);

    public void Begin(MergePlan plan)
    {
        (_plan, _resumes) = (plan, false);
        Array.Resize(ref _labels, plan.Geometry.Pixels);
        Array.Resize(ref _clashes, plan.PlaneWords);
        Array.Resize(ref _bitmaps, plan.Planes * plan.PlaneWords);
        long logits = (long)plan.MostPrompts * plan.Geometry.MaskPixels * sizeof(float);
        Fit(ref _logits, MaskMerge.Candidates * logits);
        Fit(ref _best, plan.SecondPass ? logits : 0);
    }

    public void Merge(IEmbeddedImage image, PromptChunk chunk, Span<uint> chosen, CancellationToken cancellation)
    {
        MergePlan plan = _plan!;
        int mask = plan.Geometry.MaskPixels;
        Span<float> logits = _logits.Span<float>(0, chunk.Count * MaskMerge.Candidates * mask);
        FiniteScores.Predict(image, new MaskPrompts(chunk.Count, chunk.Points), logits, chunk.Scores, cancellation);
        if (plan.SecondPass)
        {
            Span<float> best = _best.Span<float>(0, chunk.Count * mask);
            BestMasks.Gather(logits, chunk.Scores, mask, best);
            FiniteScores.Predict(image, new MaskPrompts(chunk.Count, chunk.Points, best), logits, chunk.Scores, cancellation);
        }

        MergedMasks result = new(_labels, _bitmaps, chunk.Areas) { Clashes = _clashes, Chosen = chosen, Resumes = _resumes };
        MaskMerge.Run(plan.Geometry, logits, chunk.Scores, chunk.Classes, plan.Overlap, result, threads);
        _resumes = true;
    }

    public void Show(int candidate, PromptChunk chunk, Span<uint> pixels)
    {
        MaskGeometry geometry = _plan!.Geometry;
        Span<float> logits = _logits.Span<float>(0, chunk.Count * MaskMerge.Candidates * geometry.MaskPixels);
        MergedMasks result = new(new byte[geometry.Pixels], [], new int[chunk.Count]) { Chosen = pixels };
        MaskMerge.Run(geometry, logits, chunk.ScoresFor(candidate), chunk.Classes, MaskOverlap.Any, result, threads);
    }

    public void End(Span<byte> labels, Span<uint> clashes, Span<uint> bitmaps)
    {
        _labels.AsSpan(0, labels.Length).CopyTo(labels);
        _clashes.AsSpan(0, clashes.Length).CopyTo(clashes);
        _bitmaps.AsSpan(0, bitmaps.Length).CopyTo(bitmaps);
    }

    public void Dispose()
    {
        _points.Dispose();
        _logits.Dispose();
        _best.Dispose();
    }

    private static void Fit(ref NativeBuffer buffer, long bytes)
    {
        if (buffer.Bytes < bytes)
        {
            buffer.Dispose();
            buffer = new NativeBuffer(bytes, clear: false);
        }
    }
}
