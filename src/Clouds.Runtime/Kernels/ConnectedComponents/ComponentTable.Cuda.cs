using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>What a labelling's passes on a GPU leave to the table: device memory of <see cref="CudaConnectedComponents"/>.</summary>
internal readonly ref struct DeviceParts
{
    /// <summary>[N, H, W].</summary>
    public required DeviceSpan<byte> Classes { get; init; }

    /// <summary>[N, H, W] at first pixels of parts.</summary>
    public required DeviceSpan<uint> Parent { get; init; }

    /// <summary>[N, H, W, 4] at first pixels of components; the area gives way to the row.</summary>
    public required DeviceSpan<uint> Sums { get; init; }

    /// <summary>[N, H, W]: the parts.</summary>
    public required DeviceSpan<uint> List { get; init; }

    /// <summary>[N, 2]: parts, rows.</summary>
    public required DeviceSpan<uint> Counters { get; init; }
}

/// <summary>
/// The tables of a batch of class maps on a GPU, kernels/components_table.cu: by counting smaller keys where a map cannot have many large
/// components, by a counting sort where it can. Tables and scratch belong to the labelling.
/// </summary>
internal sealed class CudaComponentTable
{
    /// <summary>Most components that are ranked against each other.</summary>
    public const int Few = 2048;

    private const string File = "components_table.cu";
    private const int SegmentPixels = 32_768;
    private readonly CudaKernels _kernels;
    private readonly MapShape _map;
    private readonly int _images;
    private readonly DeviceBuffer<ulong> _keys;
    private readonly DeviceBuffer<uint> _roots;
    private readonly DeviceBuffer<uint> _counts;
    private readonly DeviceBuffer<Component> _rows;

    /// <summary>Makes room.</summary>
    public CudaComponentTable(CudaKernels kernels, DeviceBuffers buffers, int images, MapShape map)
    {
        (_kernels, _images, _map) = (kernels, images, map);

        // Every component has more pixels than the threshold: no more than this many fit the map, so the table cannot overflow.
        Capacity = (uint)Math.Max(1, map.Pixels / (map.LargerThan + 1L));
        _keys = buffers.Allocate<ulong>(Many ? 0 : (long)images * Capacity);
        _roots = buffers.Allocate<uint>(Many ? images * ((map.Pixels + 31) / 32) : 0);
        _counts = buffers.Allocate<uint>(Many ? images * 256 * Segments : 0);
        _rows = buffers.Allocate<Component>((long)images * Capacity);
    }

    /// <summary>Rows of a table, used or not.</summary>
    public uint Capacity { get; }

    private bool Many => Capacity > Few;

    private long Segments => LaunchPlan.Cover(_map.Pixels, SegmentPixels);

    /// <summary>Launch sizes: passes over the list, ranks, offsets of segments, rows of segments.</summary>
    public static (LaunchPlan List, LaunchPlan Rank, LaunchPlan Offsets, LaunchPlan Place) Plan(int images, long pixels, long capacity)
    {
        uint n = (uint)images;
        return (
            new LaunchPlan(Math.Clamp(LaunchPlan.Cover(pixels, 16 * 256), 1, 264), 256, GridZ: n),
            new LaunchPlan(LaunchPlan.Cover(capacity, 256), 256, GridZ: n),
            new LaunchPlan(n, 1024),
            new LaunchPlan(LaunchPlan.Cover(pixels, SegmentPixels), 256, GridZ: n));
    }

    /// <summary>Fills the tables.</summary>
    public void Run(CudaStream stream, DeviceParts parts)
    {
        (LaunchPlan list, LaunchPlan rank, LaunchPlan offsets, LaunchPlan place) = Plan(_images, _map.Pixels, Capacity);
        if (Many)
        {
            stream.Fill(_roots.Span);
            stream.Fill(_counts.Span);
            Mark(stream, parts, list);
            Offsets(stream, parts, offsets);
            Place(stream, parts, place);
        }
        else
        {
            Select(stream, parts, list);
            Rank(stream, parts, rank);
        }
    }

    /// <summary>The first rows of an image's table.</summary>
    public DeviceSpan<Component> Rows(int image, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)rows, Capacity);
        return _rows.Span.Slice(image * (long)Capacity, rows);
    }

    private void Select(CudaStream stream, DeviceParts parts, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(parts.Classes);
        arguments.Add(_map);
        arguments.Add(parts.Parent);
        arguments.Add(parts.Sums);
        arguments.Add(parts.List);
        arguments.Add(parts.Counters);
        arguments.Add(_keys.Span);
        arguments.Add(Capacity);
        stream.Launch(_kernels[File, "components_select"], plan, ref arguments);
    }

    private void Rank(CudaStream stream, DeviceParts parts, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_map);
        arguments.Add(parts.Sums);
        arguments.Add(parts.Counters);
        arguments.Add(_keys.Span);
        arguments.Add(Capacity);
        arguments.Add(_rows.Span);
        stream.Launch(_kernels[File, "components_rank"], plan, ref arguments);
    }

    private void Mark(CudaStream stream, DeviceParts parts, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(parts.Classes);
        arguments.Add(_map);
        arguments.Add(parts.Parent);
        arguments.Add(parts.Sums);
        arguments.Add(parts.List);
        arguments.Add(parts.Counters);
        arguments.Add(_roots.Span);
        arguments.Add(_counts.Span);
        stream.Launch(_kernels[File, "components_mark"], plan, ref arguments);
    }

    private void Offsets(CudaStream stream, DeviceParts parts, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_map);
        arguments.Add(_counts.Span);
        arguments.Add(parts.Counters);
        stream.Launch(_kernels[File, "components_offsets"], plan, ref arguments);
    }

    private void Place(CudaStream stream, DeviceParts parts, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(parts.Classes);
        arguments.Add(_map);
        arguments.Add(parts.Sums);
        arguments.Add(_roots.Span);
        arguments.Add(_counts.Span);
        arguments.Add(Capacity);
        arguments.Add(_rows.Span);
        stream.Launch(_kernels[File, "components_place"], plan, ref arguments);
    }
}

/// <summary>The kernels' parameter of the same fields.</summary>
internal readonly record struct MapShape(int Height, int Width, int TilesX, uint Eight, uint LargerThan)
{
    /// <summary>H · W.</summary>
    public long Pixels => (long)Height * Width;
}
