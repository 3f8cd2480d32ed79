using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Benchmarks;

/// <summary>One network's figures.</summary>
/// <param name="Network">Its name.</param>
/// <param name="Problem">Shape of its first input.</param>
/// <param name="Threads">Threads.</param>
/// <param name="MsMedian">Milliseconds a run, median.</param>
/// <param name="MsMin">Milliseconds a run, best sample.</param>
/// <param name="Runs">Samples.</param>
/// <param name="Quiet">Samples that never waited for a processor.</param>
/// <param name="MultiplyAdds">Multiplications with an addition in matrix products and convolutions, as the network asks for them.</param>
/// <param name="GigaOperationsPerSecond">Two operations each, over the median.</param>
/// <param name="ProductShare">That, over the operations a second of the best matrix product that was measured beside it.</param>
/// <param name="PeakBytes">Most memory that the process has held so far, this network and those before it.</param>
public sealed record NetworkRow(
    string Network, string Problem, int Threads, double MsMedian, double MsMin, int Runs, int Quiet,
    long MultiplyAdds, double GigaOperationsPerSecond, double ProductShare, long PeakBytes);

/// <summary>Times whole networks with drawn weights, as inference runs them: weights are constants of the session.</summary>
public static class NetworkBench
{
    private const ulong Seed = 1;

    /// <summary>The product whose speed networks are compared with: large enough for any overhead.</summary>
    private static readonly LinearShape Product = new(4096, 1024, 1024);

    /// <summary>Billions of operations a second of the best matrix product known here, a matrix laid out beforehand.</summary>
    public static double ProductGigaOperations(int threads, int runs, CancellationToken cancellation)
    {
        using NativeBuffer x = BenchFloats.Uniform((long)Product.Rows * Product.Inner, -1, 1);
        using NativeBuffer matrix = BenchFloats.Uniform((long)Product.Inner * Product.Outputs, -1, 1);
        using NativeBuffer packed = new(Product.PackedFloats * sizeof(float));
        using NativeBuffer y = new((long)Product.Rows * Product.Outputs * sizeof(float));
        Linear.Pack(Product, matrix.Elements<float>(), transposed: true, packed.Elements<float>(), 0, Product.Panels);
        void Multiply(int from, int to) => Linear.Multiply(Product, x.Elements<float>(), packed.Elements<float>(), default, y.Elements<float>(), from, to);
        BenchTime time = BenchClock.Measure(() => WorkSplit.Run(threads, Product.Tiles, Multiply), runs, cancellation);
        return 2e-9 * Product.Rows * Product.Inner * Product.Outputs / time.Least;
    }

    /// <summary>
    /// Billions of operations a second of a large matrix product on a device, the best of a few runs as the machine is now: a moment, for forecasts.
    /// </summary>
    /// <param name="device">Where.</param>
    /// <param name="threads">Threads of the session; 0: one a processor.</param>
    /// <exception cref="CloudsException">Device: it cannot run there.</exception>
    public static double QuickGigaOperations(Device device, int threads)
    {
        int rows = device.TensorGpu is null ? 1024 : 4096;
        GraphBuilder g = new("product");
        Value factor = g.Input("factor", ElementType.Float, [1]);
        Value left = g.Parameter("left", [rows, rows], Initialize.Ones), right = g.Parameter("right", [rows, rows], Initialize.Ones);
        g.Output("sum", g.ReduceSum(g.ReduceSum(g.MatMul(g.Mul(left, factor), right), axis: 0), axis: 1));
        using SharedWeights weights = new(FrozenWeights.Drawn(g.Parameters, Seed));
        using GraphSession session = device.CreateSession(OnnxModel.Write(g, weights.Weights.Elements), new() { Threads = threads, Weights = weights });
        NativeBuffer[] memory = [.. session.Inputs.Concat(session.Outputs).Select(port => Bind(session, port))];
        try
        {
            // The first run lays memory out.
            session.Run();
            return 2e-9 * rows * rows * rows / Enumerable.Range(0, 3).Min(_ => Seconds(session));
        }
        finally
        {
            Array.ForEach(memory, buffer => buffer.Dispose());
        }
    }

    /// <summary>Times one network.</summary>
    /// <param name="graph">Its graph, with outputs named.</param>
    /// <param name="device">Where it runs; on a GPU inputs and outputs lie in the host's memory, and their copies are part of the time.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <param name="runs">Samples.</param>
    /// <param name="product">What <see cref="ProductGigaOperations"/> said.</param>
    /// <param name="cancellation">Asked between runs.</param>
    /// <exception cref="CloudsException">Device: it cannot run there.</exception>
    public static NetworkRow Run(GraphBuilder graph, Device device, int threads, int runs, double product, CancellationToken cancellation)
    {
        using SharedWeights weights = new(FrozenWeights.Drawn(graph.Parameters, Seed));
        List<NativeBuffer> memory = [];
        try
        {
            SessionSettings settings = new() { Threads = threads, Weights = weights };
            using GraphSession session = device.CreateSession(OnnxModel.Write(graph, weights.Weights.Elements), settings);
            memory.AddRange(session.Inputs.Concat(session.Outputs).Select(port => Bind(session, port)));
            BenchTime time = BenchClock.Measure(() => session.Run(cancellation), runs, cancellation);
            return Row(graph, session.Inputs[0].Shape, threads, time, product);
        }
        finally
        {
            memory.ForEach(buffer => buffer.Dispose());
        }
    }

    private static double Seconds(GraphSession session)
    {
        long start = Stopwatch.GetTimestamp();
        session.Run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static NetworkRow Row(GraphBuilder graph, long[] input, int threads, BenchTime time, double product)
    {
        long work = BlockSummary.Of(graph).Sum(block => block.MultiplyAdds);
        double speed = 2e-9 * work / time.Median;
        using Process self = Process.GetCurrentProcess();
        return new NetworkRow(graph.Name, string.Join(" x ", input), threads, 1e3 * time.Median, 1e3 * time.Least, time.Runs, time.Quiet,
            work, speed, speed / product, self.PeakWorkingSet64);
    }

    private static unsafe NativeBuffer Bind(GraphSession session, GraphPort port)
    {
        NativeBuffer buffer = BenchFloats.Uniform(port.Elements, -2, 2);
        session.Bind(port.Name, (float*)buffer.Pointer, port.Shape);
        return buffer;
    }
}
