using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Portable;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Portable;

/// <summary>
/// Runs an exported file as any other program would, in a session that knows no operator of ours, and holds it against our own session: one after the
/// other, so that the weights are not in memory twice.
/// </summary>
/// <param name="network">What was exported.</param>
/// <param name="options">How.</param>
internal sealed class ExportCheck(IPortableNetwork network, ExportOptions options)
{
    private readonly SessionSettings _settings = new() { Threads = options.Threads, MemoryArena = false };

    /// <summary>Sizes at which the file is tried: where it leaves an extent open, more than one.</summary>
    private IReadOnlyList<IReadOnlyDictionary<string, Dim>> Sizes
    {
        get
        {
            int count = network.Extents.Select(extent => ExportForm.Fixed(extent, options) is null ? extent.Samples.Count : 1).DefaultIfEmpty(1).Max();
            return [.. Enumerable.Range(0, count).Select(i => network.Extents.ToDictionary(
                extent => extent.Symbol, extent => (Dim)(ExportForm.Fixed(extent, options) ?? extent.Samples[i % extent.Samples.Count])))];
        }
    }

    /// <summary>What our own session answers at each size.</summary>
    /// <param name="weights">Weights, given away: they are closed when this returns.</param>
    /// <param name="cancellation">Asked between sizes and operators.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: the memory that is free does not hold it.</exception>
    public IReadOnlyList<IReadOnlyDictionary<string, float[]>> Own(FrozenWeights weights, CancellationToken cancellation)
    {
        using SharedWeights shared = new(weights);
        return [.. Sizes.Select(size =>
        {
            GraphBuilder g = Built(size);
            RequireMemory(g, weights);
            using GraphSession session = Device.Cpu.CreateSession(OnnxModel.Write(g, weights.Elements), _settings with { Weights = shared });
            return Answers(session, g, cancellation);
        })];
    }

    /// <summary>The file's answers against these.</summary>
    /// <param name="path">The file.</param>
    /// <param name="own">What our own session answered.</param>
    /// <param name="cancellation">Asked between sizes and operators.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: ONNX Runtime refuses the file.</exception>
    public IReadOnlyList<ExportDifference> Compare(
        string path, IReadOnlyList<IReadOnlyDictionary<string, float[]>> own, CancellationToken cancellation)
    {
        using GraphSession session = Device.Cpu.OpenSession(path, _settings with { StandardOnly = true });
        List<ExportDifference> differences = [];
        foreach ((IReadOnlyDictionary<string, Dim> size, IReadOnlyDictionary<string, float[]> expected) in Sizes.Zip(own))
        {
            GraphBuilder g = Built(size);
            IReadOnlyDictionary<string, float[]> found = Answers(session, g, cancellation);
            string inputs = string.Join(", ", g.Inputs.Select(input => $"{input.Name} {input.Shape}"));
            differences.AddRange(expected.Select(output => Difference(output.Key, inputs, output.Value, found[output.Key])));
        }

        return differences;
    }

    // A file for one size is tried at that size, which may be larger than this machine.
    private static void RequireMemory(GraphBuilder g, FrozenWeights weights)
    {
        MemoryForecast forecast = new();
        forecast.AddWeights(weights);
        forecast.AddSession(g, weights);
        forecast.RequireHost(HostMemory.Now, "running the exported network once",
            "export it for a smaller size or batch, or leave them open", accept: false, tell: null);
    }

    private GraphBuilder Built(IReadOnlyDictionary<string, Dim> size)
    {
        GraphBuilder g = new(network.Kind);
        network.Build(g, size);
        return g;
    }

    private IReadOnlyDictionary<string, float[]> Answers(GraphSession session, GraphBuilder g, CancellationToken cancellation)
    {
        foreach (Value input in g.Inputs)
        {
            Bind(session, input);
        }

        Array.ForEach([.. session.Outputs], output => session.BindAllocated(output.Name));
        session.Run(cancellation);
        return session.Outputs.ToDictionary(output => output.Name, output => session.Read<float>(output.Name, out _));
    }

    // Images are normalised: numbers around 0 of about 1.
    private void Bind(GraphSession session, Value input)
    {
        RandomStream random = new(1, input.Name);
        if (input.Type == ElementType.Int64)
        {
            long[] ids = [.. Enumerable.Range(0, (int)input.Shape.ElementCount).Select(_ => (long)random.NextInt32((int)network.Ids))];
            session.Bind<long>(input.Name, ids, input.Shape.Sizes);
            return;
        }

        float[] numbers = [.. Enumerable.Range(0, (int)input.Shape.ElementCount).Select(_ => (float)random.NextNormal())];
        session.Bind<float>(input.Name, numbers, input.Shape.Sizes);
    }

    private static ExportDifference Difference(string output, string inputs, float[] expected, float[] found)
    {
        if (expected.Length != found.Length)
        {
            return new ExportDifference(output, inputs, double.NaN, double.NaN, double.NaN);
        }

        double largest = 0, most = 0, squares = 0, length = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - found[i]);
            largest = Math.Max(largest, difference);
            most = Math.Max(most, Math.Abs(expected[i]));
            squares += difference * difference;
            length += (double)expected[i] * expected[i];
        }

        return new ExportDifference(output, inputs, largest, Share(largest, most), Share(Math.Sqrt(squares), Math.Sqrt(length)));
    }

    private static double Share(double part, double whole) => part == 0 ? 0 : part / whole;
}
