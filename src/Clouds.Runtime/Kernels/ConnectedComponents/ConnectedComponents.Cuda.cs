using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Connected components of a batch of class maps on a GPU: table in canonical order, dense labels on request. Owns scratch and table for
/// one batch size; dispose it.
/// </summary>
public sealed unsafe class CudaConnectedComponents : IDisposable
{
    private readonly CudaKernels _kernels;
    private readonly int _images;
    private readonly MapShape _map;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<uint> _kept;
    private readonly DeviceBuffer<uint> _parent;
    private readonly DeviceBuffer<uint> _parts;
    private readonly DeviceBuffer<uint> _starts;
    private readonly DeviceBuffer<uint> _list;
    private readonly DeviceBuffer<uint> _counters;
    private readonly CudaComponentTable _table;

    /// <summary>Makes room.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Stream of the upload and of all runs.</param>
    /// <param name="images">N.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W; H · W below 2^31 − 1.</param>
    /// <param name="rule">What counts.</param>
    public CudaConnectedComponents(CudaKernels kernels, CudaStream stream, int images, int height, int width, ComponentRule rule)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rule.LargerThan);
        long pixels = (long)height * width;
        KernelCheck.That(images > 0 && height > 0 && width > 0 && pixels < int.MaxValue && images <= 65_535 && height <= 8 * 65_535,
            "connected components", $"{images} maps of {height} x {width} are too many or too large");
        (_kernels, _images) = (kernels, images);
        _map = new MapShape(height, width, (width + 127) / 128, rule.Connectivity == Connectivity.Eight ? 1u : 0, (uint)rule.LargerThan);
        _buffers = new DeviceBuffers(kernels.Context);
        _kept = _buffers.Upload(stream, rule.Bitmap());
        _parent = _buffers.Allocate<uint>(images * pixels);
        _parts = _buffers.Allocate<uint>(4 * images * pixels);
        _starts = _buffers.Allocate<uint>(4L * images * height * _map.TilesX);
        _list = _buffers.Allocate<uint>(images * pixels);
        _counters = _buffers.Allocate<uint>(2L * images);
        _table = new CudaComponentTable(kernels, _buffers, images, _map);
    }

    /// <summary>Launch sizes: tile, seams, resolve, labels.</summary>
    public static (LaunchPlan Tile, LaunchPlan Seams, LaunchPlan Resolve, LaunchPlan Labels) Plan(int images, int height, int width)
    {
        uint n = (uint)images;
        uint tilesX = LaunchPlan.Cover(width, 128);
        long seamItems = ((height - 1L) / 16 * width) + ((tilesX - 1L) * height);
        return (
            new LaunchPlan(tilesX, 32, LaunchPlan.Cover(height, 16), n, BlockY: 16),
            new LaunchPlan(LaunchPlan.Cover(seamItems, 256), 256, GridZ: n),
            CudaComponentTable.Plan(images, (long)height * width, 1).List,
            new LaunchPlan(tilesX, 32, LaunchPlan.Cover(height, 8), n, BlockY: 8));
    }

    /// <summary>Labels a batch.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="classes">[N, H, W].</param>
    /// <param name="labels">[N, H, W]: row of the component in its image's table, or -1; or empty for the table alone.</param>
    public void Run(CudaStream stream, DeviceSpan<byte> classes, DeviceSpan<int> labels = default)
    {
        long all = _images * _map.Pixels;
        KernelCheck.Length(classes.Length, all, "classes", "N·H·W");
        KernelCheck.That(labels.Length == 0 || labels.Length == all, "connected components", $"labels have {labels.Length} elements, expected {all} or none");
        KernelCheck.That(_map.Width % 4 != 0 || (classes.Address % 4 == 0 && labels.Address % 16 == 0),
            "connected components", "classes must be aligned to 4 bytes, labels to 16");
        (LaunchPlan tile, LaunchPlan seams, LaunchPlan resolve, LaunchPlan dense) = Plan(_images, _map.Height, _map.Width);
        stream.Fill(_counters.Span);
        Tile(stream, classes, tile);
        Seams(stream, classes, seams);
        Resolve(stream, resolve);
        _table.Run(stream, new DeviceParts { Classes = classes, Parent = _parent.Span, Sums = _parts.Span, List = _list.Span, Counters = _counters.Span });
        if (labels.Length > 0)
        {
            Labels(stream, labels, dense);
        }
    }

    /// <summary>The tables of the last run, one an image; waits for the stream.</summary>
    public Component[][] Read(CudaStream stream)
    {
        uint[] counters = new uint[2 * _images];
        stream.Download<uint>(_counters.Span, counters);
        Component[][] result = new Component[_images][];
        for (int i = 0; i < _images; i++)
        {
            result[i] = new Component[counters[(2 * i) + 1]];
            stream.Download<Component>(_table.Rows(i, result[i].Length), result[i]);
        }

        return result;
    }

    /// <summary>Adds table, row count, map and label structure of one image to a kernel's parameters.</summary>
    internal void AddImage(ref KernelArguments arguments, int image, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)image, (uint)_images);
        long pixels = _map.Pixels;
        long words = 4L * _map.Height * _map.TilesX;
        arguments.Add(_table.Rows(image, rows));
        arguments.Add((uint)rows);
        arguments.Add(_map);
        arguments.Add(_parent.Span.Slice(image * pixels, pixels));
        arguments.Add(_starts.Span.Slice(image * words, words));
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private void Tile(CudaStream stream, DeviceSpan<byte> classes, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(classes);
        arguments.Add(_kept.Span);
        arguments.Add(_map);
        arguments.Add(_parent.Span);
        arguments.Add(_parts.Span);
        arguments.Add(_starts.Span);
        arguments.Add(_list.Span);
        arguments.Add(_counters.Span);
        stream.Launch(_kernels["components_tile.cu", "components_tile"], plan, ref arguments);
    }

    private void Seams(CudaStream stream, DeviceSpan<byte> classes, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(classes);
        arguments.Add(_kept.Span);
        arguments.Add(_map);
        arguments.Add(_parent.Span);
        arguments.Add(_starts.Span);
        stream.Launch(_kernels["components_seams.cu", "components_seams"], plan, ref arguments);
    }

    private void Resolve(CudaStream stream, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_map);
        arguments.Add(_parent.Span);
        arguments.Add(_parts.Span);
        arguments.Add(_list.Span);
        arguments.Add(_counters.Span);
        stream.Launch(_kernels["components_seams.cu", "components_resolve"], plan, ref arguments);
    }

    private void Labels(CudaStream stream, DeviceSpan<int> labels, LaunchPlan plan)
    {
        KernelArguments arguments = default;
        arguments.Add(_map);
        arguments.Add(_parent.Span);
        arguments.Add(_parts.Span);
        arguments.Add(_starts.Span);
        arguments.Add(labels);
        stream.Launch(_kernels["components_labels.cu", "components_labels"], plan, ref arguments);
    }
}
