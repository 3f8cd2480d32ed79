using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Components of a batch of class maps: the table alone, or labels too.</summary>
internal sealed class ConnectedComponentsProblem : KernelProblem
{
    private const int LargerThan = 5000;
    private static readonly string[] TableEntries = ["components_tile", "components_seams", "components_resolve", "components_select", "components_rank"];
    private readonly byte[] _maps;
    private readonly (int Images, int Height, int Width) _shape;
    private readonly ComponentRule _rule;
    private readonly bool _labels;

    private ConnectedComponentsProblem(string kind, byte[][] maps, int height, int width, ComponentRule rule, bool labels)
        : base($"{(maps.Length == 1 ? "" : $"{maps.Length} x ")}{kind} {height}x{width}")
    {
        (_maps, _shape, _rule, _labels) = ([.. maps.SelectMany(map => map)], (maps.Length, height, width), rule, labels);
    }

    private int Pixels => _shape.Height * _shape.Width;

    public override KernelWork Work => new((_labels ? 5.0 : 1.0) * _maps.Length, 2.0 * _maps.Length, "pixel", _maps.Length)
    {
        AllowedRatio = _labels ? 2.6 : 6.5,
        AllowedMemoryRatio = _labels ? 1.6 : 2.9,
        Reason = "run starts, row words and tile roots are written by one launch and read by the next through the second-level cache, "
            + "which both counts take for empty; the map itself is read once"
            + (_labels ? ", and the labels are written once" : ""),
        Bars =
        [
            KernelBar.Bytes("table: bytes a pixel", 6.5, TableEntries),
            new KernelBar("components_tile: warp instructions a pixel", counts => counts["components_tile"].WarpInstructions, 4.0),
        ],
    };

    /// <summary>The table alone.</summary>
    public static KernelProblem Table(ProblemSize size, ulong seed) => Make(size, seed, labels: false);

    /// <summary>Table and labels.</summary>
    public static KernelProblem Labels(ProblemSize size, ulong seed) => Make(size, seed, labels: true);

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        using ConnectedComponents components = new();
        List<KernelOutput> outputs = [];
        int[] all = new int[_labels ? _maps.Length : 0];
        for (int i = 0; i < _shape.Images; i++)
        {
            ReadOnlySpan<byte> map = _maps.AsSpan(i * Pixels, Pixels);
            Component[] table = Label(components, map, all.AsSpan(i * (_labels ? Pixels : 0), _labels ? Pixels : 0), threads);
            outputs.Add(KernelOutput.Of($"table of map {i}", table));
        }

        return _labels ? [.. outputs, KernelOutput.Of("labels", all)] : outputs;
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        DeviceBuffer<byte> classes = run.Upload(_maps);
        DeviceBuffer<int> labels = run.Room<int>(_labels ? _maps.Length : 0);
        CudaConnectedComponents components = run.Own(new CudaConnectedComponents(gpu.Kernels, gpu.Stream, _shape.Images, _shape.Height, _shape.Width, _rule));
        run.Launch = () => components.Run(gpu.Stream, classes.Span, labels.Span);
        run.Read = () =>
        {
            IEnumerable<KernelOutput> tables = components.Read(gpu.Stream).Select((table, i) => KernelOutput.Of($"table of map {i}", table));
            return _labels ? [.. tables, run.Output("labels", labels)] : [.. tables];
        };
        return run;
    }

    private static ConnectedComponentsProblem Make(ProblemSize size, ulong seed, bool labels)
    {
        if (size != ProblemSize.Small)
        {
            (int height, int width) = size == ProblemSize.Full ? (1024, 2048) : (512, 1024);
            return new ConnectedComponentsProblem(
                "clean scene", [SeededMaps.Scene(height, width, 0, 0, seed)], height, width, new ComponentRule(LargerThan: LargerThan), labels);
        }

        // Widths around the tile's 128, heights around its 16; every third map is one that unions many runs.
        (int h, int w) = (17 + (int)(seed % 4 * 11), 127 + (int)(seed % 5 * 33));
        (string kind, byte[] special) = (seed % 3) switch
        {
            0 => ("snake", SeededMaps.Snake(h, w)),
            1 => ("noise", SeededMaps.Noise(h, w, 60, seed)),
            _ => ("speckle", SeededMaps.Scene(h, w, 0.1f, 0.05f, seed + 1)),
        };
        ComponentRule rule = new(seed % 2 == 0 ? Connectivity.Eight : Connectivity.Four, (int)(seed % 4), seed % 5 == 0 ? [3, 9] : null);
        return new ConnectedComponentsProblem($"scene and {kind}", [SeededMaps.Scene(h, w, 0.2f, 0, seed), special], h, w, rule, labels);
    }

    private Component[] Label(ConnectedComponents components, ReadOnlySpan<byte> map, Span<int> labels, int threads)
        => (_labels
            ? components.Run(map, _shape.Height, _shape.Width, _rule, labels, threads)
            : components.Run(map, _shape.Height, _shape.Width, _rule, threads)).ToArray();
}
