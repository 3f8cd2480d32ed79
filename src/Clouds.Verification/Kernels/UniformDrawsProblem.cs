using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Draws for many stretches of one block of memory, whose other floats have to stay as they are.</summary>
internal sealed class UniformDrawsProblem : KernelProblem
{
    private readonly DrawSegment[] _segments;
    private readonly float[] _memory;

    private UniformDrawsProblem(DrawSegment[] segments)
        : base($"{segments.Length} segments, {segments.Sum(segment => (long)segment.Count)} draws")
    {
        _segments = segments;
        _memory = SeededArrays.Uniform(1, "memory", (long)(segments[^1].Target + segments[^1].Count) + 3, -1, 0);
    }

    private double Draws => _segments.Sum(segment => (double)segment.Count);

    /// <summary>Ten rounds of a dozen whole-number operations make four draws.</summary>
    public override KernelWork Work => new(4 * Draws, 32 * Draws, "draw", Draws) { Bars = [KernelBar.Bytes("bytes a draw", 4.6, "uniform_draws")] };

    public static KernelProblem Make(ProblemSize size, ulong seed) => new UniformDrawsProblem(size switch
    {
        // Lengths, places and positions of every remainder by four, a segment of several turns among them.
        ProblemSize.Small => Segments([5, 1, 8, 1027, (16 * 1024) + 9, 4, 30], seed, gap: 1 + (int)(seed % 3)),
        ProblemSize.Counted => Segments([.. Enumerable.Repeat(75_264, 8)], seed, gap: 0),
        _ => Segments([.. Enumerable.Repeat(75_264, 152)], seed, gap: 0),
    });

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        float[] memory = SeededArrays.Copy(_memory);
        UniformDraws.Run(_segments, SeededArrays.Host(memory), threads);
        return [KernelOutput.Of("draws", memory)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        DeviceBuffer<float> memory = run.Upload(_memory);
        CudaUniformDraws draws = run.Own(new CudaUniformDraws(gpu.Kernels, gpu.Stream));
        ulong start = memory.Span.Address;
        DrawSegment[] there = Array.ConvertAll(_segments, segment => segment with { Target = start + (segment.Target * sizeof(float)) });
        run.Launch = () => draws.Run(gpu.Stream, there);
        run.Read = () => [run.Output("draws", memory)];
        return run;
    }

    private static DrawSegment[] Segments(int[] lengths, ulong seed, int gap)
    {
        DrawSegment[] segments = new DrawSegment[lengths.Length];
        ulong target = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            // Beyond 2^34 draws the block's number needs its second word.
            ulong position = gap == 0 ? 0 : seed + ((ulong)i * 3) + (i % 2 == 0 ? 0 : 1UL << 35);
            segments[i] = new DrawSegment(target, (ulong)lengths[i], position, new RandomStream(seed, "draws", step: i).Key);
            target += (ulong)(lengths[i] + gap);
        }

        return segments;
    }
}
