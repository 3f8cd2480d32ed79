using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>
/// The refinement's work on pixels on a GPU: label map, components, masks and merge stay there. What comes down are the table, the points, the scores, and
/// what the record asks for. Points near the centre, and more of them than a warp has lanes, are drawn by the processor from the same map.
/// </summary>
/// <param name="gpu">Borrowed.</param>
/// <param name="threads">Of the processor's part.</param>
internal sealed class DeviceRefinement(Gpu gpu, int threads) : IRefinementKernels
{
    private readonly HostPoints _hostPoints = new(threads);
    private CudaConnectedComponents? _components;
    private (int Height, int Width, ComponentRule? Rule) _labelled;
    private DeviceBuffer<byte>? _uploaded;
    private ulong _map;
    private int _rows;
    private MaskBuffers? _masks;
    private bool _resumes;

    public Component[] Label(byte[] map, int height, int width, ComponentRule rule)
    {
        if (_uploaded?.Length != map.Length)
        {
            _uploaded?.Dispose();
            _uploaded = null;
            _uploaded = gpu.Context.Allocate<byte>(map.Length);
        }

        gpu.Stream.Upload<byte>(map, _uploaded.Span);
        return Label(_uploaded.Span, height, width, rule);
    }

    /// <summary>The same of a map that is there; read until <see cref="Draw"/> returns.</summary>
    public Component[] Label(DeviceSpan<byte> map, int height, int width, ComponentRule rule)
    {
        if (_components is null || _labelled != (height, width, rule))
        {
            _components?.Dispose();
            _components = null;
            _components = new CudaConnectedComponents(gpu.Kernels, gpu.Stream, 1, height, width, rule);
            _labelled = (height, width, rule);
        }

        _components.Run(gpu.Stream, map);
        Component[] table = _components.Read(gpu.Stream)[0];
        (_map, _rows) = (map.Address, table.Length);
        return table;
    }

    public void Draw(PointDraw draw, Span<float> points, Span<int> counts)
    {
        if (draw.Selection != PointSelection.Random || draw.Count > CudaComponentPoints.MostPoints)
        {
            byte[] map = new byte[_labelled.Height * _labelled.Width];
            gpu.Stream.Download(new DeviceSpan<byte>(_map, map.Length), map.AsSpan());
            _hostPoints.Label(map, _labelled.Height, _labelled.Width, _labelled.Rule!);
            _hostPoints.Draw(draw, points, counts);
            return;
        }

        using DeviceBuffer<float> found = gpu.Context.Allocate<float>(points.Length);
        using DeviceBuffer<int> numbers = gpu.Context.Allocate<int>(counts.Length);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, _components!, 0, _rows, draw.Count, draw.Key, 0, found.Span, numbers.Span, draw.Window);
        gpu.Stream.Download(found.Span, points);
        gpu.Stream.Download(numbers.Span, counts);
    }

    public void Begin(MergePlan plan)
    {
        _resumes = false;
        if (_masks?.Fits(plan) != true)
        {
            _masks?.Dispose();
            _masks = null;
            _masks = new MaskBuffers(gpu, plan);
        }
    }

    public void Merge(IEmbeddedImage image, PromptChunk chunk, Span<uint> chosen, CancellationToken cancellation)
    {
        MaskBuffers masks = _masks!;
        masks.Predict(image, chunk, cancellation);
        DeviceSpan<uint> pixels = chosen.IsEmpty ? default : masks.Chosen.Span.Slice(0, chosen.Length);
        DeviceSpan<int> areas = masks.Areas.Span.Slice(0, chunk.Count);
        DeviceSpan<byte> classes = masks.Classes.Span.Slice(0, chunk.Count);
        gpu.Stream.Upload<byte>(chunk.Classes, classes);
        MergedOnDevice result = new(masks.Labels.Span, areas, masks.Bitmaps.Span) { Clashes = masks.Clashes.Span, Chosen = pixels, Resumes = _resumes };
        masks.Merge.Run(gpu.Stream, masks.LogitsOf(chunk), masks.ScoresOf(chunk), classes, masks.Plan.Overlap, result);
        gpu.Stream.Download(areas, chunk.Areas);
        gpu.Stream.Download(pixels, chosen);
        _resumes = true;
    }

    public void Show(int candidate, PromptChunk chunk, Span<uint> pixels)
    {
        MaskBuffers masks = _masks!;
        using DeviceBuffer<byte> labels = gpu.Context.Allocate<byte>(masks.Labels.Length);
        using DeviceBuffer<float> scores = gpu.Context.Allocate<float>(chunk.Scores.Length);
        gpu.Stream.Upload<float>(chunk.ScoresFor(candidate), scores.Span);
        DeviceSpan<uint> shown = masks.Chosen.Span.Slice(0, pixels.Length);
        MergedOnDevice result = new(labels.Span, masks.Areas.Span.Slice(0, chunk.Count)) { Chosen = shown };
        masks.Merge.Run(gpu.Stream, masks.LogitsOf(chunk), scores.Span, masks.Classes.Span.Slice(0, chunk.Count), MaskOverlap.Any, result);
        gpu.Stream.Download(shown, pixels);
    }

    public void End(Span<byte> labels, Span<uint> clashes, Span<uint> bitmaps)
    {
        gpu.Stream.Download(_masks!.Labels.Span.Slice(0, labels.Length), labels);
        gpu.Stream.Download(_masks.Clashes.Span.Slice(0, clashes.Length), clashes);
        gpu.Stream.Download(_masks.Bitmaps.Span.Slice(0, bitmaps.Length), bitmaps);
    }

    /// <summary>The label map that all masks have led to, to memory of the GPU; it is there when this returns.</summary>
    public void End(DeviceSpan<byte> labels)
    {
        gpu.Stream.Copy(_masks!.Labels.Span, labels);
        gpu.Stream.Synchronise();
    }

    /// <summary>Leaves a map as it is, and gives it to the host too.</summary>
    public byte[] Leave(DeviceSpan<byte> map, DeviceSpan<byte> labels)
    {
        byte[] here = new byte[map.Length];
        if (map.Address != labels.Address)
        {
            gpu.Stream.Copy(map, labels);
        }

        gpu.Stream.Download(map, here.AsSpan());
        return here;
    }

    public void Dispose()
    {
        _hostPoints.Dispose();
        _uploaded?.Dispose();
        _components?.Dispose();
        _masks?.Dispose();
    }
}
