using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Gradients of the words of sentences, added up by word of the vocabulary; most words are the padding's.</summary>
internal sealed class ScatterAddProblem : KernelProblem
{
    private const int SentenceWords = 77;
    private readonly ScatterAddShape _shape;
    private readonly float[] _updates;
    private readonly long[] _indices;

    private ScatterAddProblem(ScatterAddShape shape, ulong seed)
        : base($"{shape.Blocks * shape.Updates} words of {shape.Rows}, {shape.Width} floats each")
    {
        _shape = shape;
        _updates = SeededArrays.Uniform(seed, "updates", shape.Terms, -1, 1);
        _indices = Words(shape.Blocks * shape.Updates, shape.Rows, seed);
    }

    public override KernelWork Work
    {
        get
        {
            (double sums, double terms, double words) = (_shape.Sums, _shape.Terms, (double)_shape.Blocks * _shape.Updates);
            return new KernelWork((4 * sums) + (4 * terms) + (8 * words), terms, "float", sums);
        }
    }

    public static KernelProblem Make(ProblemSize size, ulong seed) => new ScatterAddProblem(
        size switch
        {
            ProblemSize.Small => new ScatterAddShape(
                1 + (int)(seed % 2), 4 * SentenceWords, 290, Width: seed % 3 == 0 ? 4 + (int)(seed % 9) : 4 * (3 + (int)(seed % 40))),
            ProblemSize.Counted => new ScatterAddShape(1, 16 * SentenceWords, 4000, 256),
            _ => new ScatterAddShape(1, 64 * SentenceWords, 50_000, 512),
        },
        seed);

    /// <summary>Numbers of words: a fifth of every sentence is drawn, the rest is padding, which is word 0.</summary>
    public static long[] Words(int count, int vocabulary, ulong seed)
    {
        RandomStream random = new(seed, "words");
        long[] words = SeededArrays.Room<long>(count);
        for (int i = 0; i < count; i++)
        {
            words[i] = i % SentenceWords < SentenceWords / 5 ? random.NextInt32(vocabulary) : 0;
        }

        return words;
    }

    public override IReadOnlyList<KernelOutput> OnCpu(int threads)
    {
        (ScatterAddShape s, float[] updates, long[] indices) = (_shape, _updates, _indices);
        float[] sums = SeededArrays.Room<float>(s.Sums);
        WorkSplit.Run(threads, ScatterAdd.Pages(s), (from, to) => ScatterAdd.Clear(s, SeededArrays.Host(sums), from, to));
        WorkSplit.Run(threads, ScatterAdd.Units(s), (from, to) =>
            ScatterAdd.Add(s, SeededArrays.Host(updates), SeededArrays.Host(indices), SeededArrays.Host(sums), from, to));
        return [KernelOutput.Of("sums", sums)];
    }

    public override KernelRun OnGpu(Gpu gpu)
    {
        KernelRun run = new(gpu);
        (DeviceBuffer<float> updates, DeviceBuffer<long> indices) = (run.Upload(_updates), run.Upload(_indices));
        (DeviceBuffer<uint> first, DeviceBuffer<uint> order) = (run.Room<uint>(_shape.Lists), run.Room<uint>(_indices.Length));
        DeviceBuffer<float> sums = run.Room<float>(_shape.Sums);
        run.Launch = () => CudaScatterAdd.Run(gpu.Kernels, gpu.Stream, _shape, updates.Span, indices.Span, sums.Span, first.Span, order.Span);
        run.Read = () => [run.Output("sums", sums)];
        return run;
    }
}
