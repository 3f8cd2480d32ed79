using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Random points of the components of one map, which is labelled beforehand.</summary>
internal sealed class ComponentPointsProblem : KernelProblem
{
    private const uint Image = 3;
    private readonly byte[] _map;
    private readonly (int Height, int Width) _shape;
    private readonly ComponentRule _rule;
    private readonly (int Points, int Erosion, ulong Seed) _draw;
    private readonly Component[] _table;

    private ComponentPointsProblem(byte[] map, int height, int width, ComponentRule rule, int points, int erosion, ulong seed, Component[] table)
        : base($"{table.Length} components, {points} points{(erosion > 1 ? $", erosion {erosion}" : "")}")
    {
        (_map, _shape, _rule, _draw, _table) = (map, (height, width), rule, (points, erosion, seed), table);
    }

    public override KernelWork Work
    {
        get
        {
            // Candidates that a component needs on average: its box over its area, for each point.
            double candidates = _table.Sum(row => _draw.Points * (double)row.Width * row.Height / row.Area);
            return new KernelWork((_table.Length * (32.0 + (8 * _draw.Points))) + (12 * candidates), candidates, "component", _table.Length)
            {
                AllowedRatio = 10.5,
                AllowedMemoryRatio = 5.7,
                Reason = "the three words of a candidate lie in three sectors of 32 bytes, and a round draws 32 candidates at once, most of them for nothing",
            };
        }
    }

    public static KernelProblem Make(ProblemSize size, ulong seed)
    {
        (int height, int width, int points, int erosion, int largerThan) = size switch
        {
            ProblemSize.Small => (40, 200, 1 + (int)(seed * 7 % 64), seed % 2 == 0 ? 3 : 1, 0),
            ProblemSize.Counted => (256, 512, 5, 1, 50),
            _ => (1024, 2048, 5, 1, 50),
        };
        byte[] map = SeededMaps.Scene(height, width, 0.2f, size == ProblemSize.Small ? 0.02f : 0, seed);
        ComponentRule rule = new(LargerThan: largerThan);
        using ConnectedComponents components = new();
        return new ComponentPointsProblem(
            map, height, width, rule, points, erosion, seed << 31, components.Run(map, height, width, rule, threads: 1).ToArray());
    }

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        using ConnectedComponents components = new();
        int rows = components.RunKeepingPixels(_map, _shape.Height, _shape.Width, _rule, threads).Length;
        float[] points = new float[2 * rows * _draw.Points];
        int[] counts = new int[rows];
        ComponentPoints.Run(components, _draw.Points, _draw.Seed, Image, points, counts, _draw.Erosion);
        return [KernelOutput.Of("counts", counts), KernelOutput.Of("points", points)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        DeviceBuffer<byte> classes = run.Upload(_map);
        CudaConnectedComponents components = run.Own(new CudaConnectedComponents(gpu.Kernels, gpu.Stream, 1, _shape.Height, _shape.Width, _rule));
        components.Run(gpu.Stream, classes.Span);
        gpu.Stream.Synchronise();
        DeviceBuffer<float> points = run.Room<float>(2L * _table.Length * _draw.Points);
        DeviceBuffer<int> counts = run.Room<int>(_table.Length);
        run.Launch = () => CudaComponentPoints.Run(
            gpu.Kernels, gpu.Stream, components, 0, _table.Length, _draw.Points, _draw.Seed, Image, points.Span, counts.Span, _draw.Erosion);
        run.Read = () => [run.Output("counts", counts), run.Output("points", points)];
        return run;
    }
}
