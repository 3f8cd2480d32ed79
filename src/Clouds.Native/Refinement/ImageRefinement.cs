using System.Numerics;
using Clouds.Native.Images;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>The masks of one image and what they lead to: steps 5 to 11 of method.md section 4.2.</summary>
internal sealed class ImageRefinement
{
    private readonly RefinementOptions _options;
    private readonly IRefinementKernels _kernels;
    private readonly PromptedComponents _prompted;
    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _classes;
    private readonly RefinedComponent[] _records;
    private readonly PixelMask[] _masks;

    public ImageRefinement(RefinementOptions options, IRefinementKernels kernels, PromptedComponents prompted, int width, int height)
    {
        (_options, _kernels, _prompted, _width, _height) = (options, kernels, prompted, width, height);
        _classes = prompted.MaskClasses(options.EmulateCountBug);
        _records = [.. prompted.All.Select((component, i) => PromptedComponents.Record(component, i, ComponentFate.TooFewPoints))];
        _masks = new PixelMask[prompted.Indices.Length];
    }

    public RefinementResult Run(IEmbeddedImage image, RefinedComponent[] dropped, bool keepMasks, CancellationToken cancellation)
    {
        MergePlan plan = Plan(image.Frame);
        uint[] chosen = new uint[plan.MostPrompts * plan.PlaneWords];
        int from = 0;
        foreach (PromptChunk chunk in Merge(image, plan, chosen, cancellation))
        {
            WriteDown(chunk, from, chosen, plan.PlaneWords);
            if (keepMasks)
            {
                Keep(chunk, from, plan.PlaneWords);
            }

            from += chunk.Count;
        }

        byte[] labels = new byte[_width * _height];
        uint[] clashes = new uint[plan.PlaneWords];
        uint[] bitmaps = new uint[plan.Planes * plan.PlaneWords];
        _kernels.End(labels, clashes, bitmaps);
        Settle(clashes);
        LabelMap map = new(_width, _height, Array.ConvertAll(labels, label => (ushort)label));
        return new RefinementResult(map, Classes(bitmaps, plan.PlaneWords), [.. _records, .. dropped])
        {
            Conflicts = clashes.Sum(BitOperations.PopCount),
            Chunks = (_masks.Length + plan.MostPrompts - 1) / plan.MostPrompts,
        };
    }

    /// <summary>The masks without their record; the label map stays with the kernels.</summary>
    /// <returns>Train ids of the targets, ascending.</returns>
    public IReadOnlyList<int> RunUnrecorded(IEmbeddedImage image, CancellationToken cancellation)
    {
        MergePlan plan = Plan(image.Frame);
        foreach (PromptChunk chunk in Merge(image, plan, [], cancellation))
        {
            // A chunk leaves nothing but what lies on the map.
        }

        IEnumerable<int> ids = _classes.Distinct().Order().Select(id => (int)id);
        if (!_options.DropEmpty)
        {
            return [.. ids];
        }

        uint[] bitmaps = new uint[plan.Planes * plan.PlaneWords];
        _kernels.End(labels: [], bitmaps: bitmaps);
        return [.. ids.Where(id => bitmaps.AsSpan(id * plan.PlaneWords, plan.PlaneWords).ContainsAnyExcept(0u))];
    }

    private IEnumerable<PromptChunk> Merge(IEmbeddedImage image, MergePlan plan, uint[] chosen, CancellationToken cancellation)
    {
        _kernels.Begin(plan);
        for (int from = 0; from < _masks.Length; from += plan.MostPrompts)
        {
            int to = Math.Min(_masks.Length, from + plan.MostPrompts);
            PromptChunk chunk = new(_prompted.Points(from, to), _classes[from..to]);
            _kernels.Merge(image, chunk, chosen.AsSpan(0, Math.Min(chosen.Length, chunk.Count * plan.PlaneWords)), cancellation);
            yield return chunk;
        }
    }

    private MergePlan Plan(MaskFrame frame)
    {
        MaskGeometry geometry = new(
            frame.MaskHeight, frame.MaskWidth, frame.FrameHeight, frame.FrameWidth, frame.InputHeight, frame.InputWidth, _height, _width);
        return new MergePlan(geometry, _classes.Max() + 1, _options.MaskOverlap, Math.Min(_options.PromptsAtOnce, _masks.Length), _options.SecondPass);
    }

    private void WriteDown(PromptChunk chunk, int from, uint[] chosen, int words)
    {
        int[] best = MaskMerge.Best(chunk.Scores);
        for (int i = 0; i < chunk.Count; i++)
        {
            _masks[from + i] = PixelMask.Of(chosen.AsSpan(i * words, words), _width, _height);
            int component = _prompted.Indices[from + i];
            RefinedComponent record = _records[component];
            record.Fate = ComponentFate.Prompted;
            record.Points = _prompted.PointsOf(component);
            record.Scores = chunk.Scores.AsSpan(i * MaskMerge.Candidates, MaskMerge.Candidates).ToArray();
            record.Chosen = best[i];
            record.MaskClass = _classes[from + i];
            record.MaskArea = chunk.Areas[i];
        }
    }

    private void Keep(PromptChunk chunk, int from, int words)
    {
        uint[][] shown = [.. Enumerable.Range(0, MaskMerge.Candidates).Select(_ => new uint[chunk.Count * words])];
        for (int candidate = 0; candidate < shown.Length; candidate++)
        {
            _kernels.Show(candidate, chunk, shown[candidate]);
        }

        for (int i = 0; i < chunk.Count; i++)
        {
            _records[_prompted.Indices[from + i]].Masks =
                [.. shown.Select(pixels => PixelMask.Of(pixels.AsSpan(i * words, words), _width, _height))];
        }
    }

    // A later mask may clash with an earlier one, so this comes last.
    private void Settle(uint[] clashes)
    {
        for (int i = 0; i < _masks.Length; i++)
        {
            _records[_prompted.Indices[i]].Conflicts = _masks[i].CountIn(clashes);
        }
    }

    // Steps 9 and 10.
    private ClassMask[] Classes(uint[] bitmaps, int words) =>
    [
        .. _classes.Distinct().Order()
            .Select(id => new ClassMask(id, PixelMask.Of(bitmaps.AsSpan(id * words, words), _width, _height)))
            .Where(found => !_options.DropEmpty || found.Mask.Area > 0),
    ];
}
