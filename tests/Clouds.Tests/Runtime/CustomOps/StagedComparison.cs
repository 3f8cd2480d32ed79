using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime.Kernels;

namespace Clouds.Tests.Runtime.CustomOps;

/// <summary>One graph, three ways to run its operators.</summary>
internal static class StagedComparison
{
    /// <summary>Single precision, sums of some dozens of terms of size 1 in another order.</summary>
    public const float Tolerance = 2e-5f;

    /// <summary>Runs a graph on the processor, with its lowerings, and staged on the emulated GPU, where the kernels named must have run.</summary>
    public static void Run(GraphBuilder g, string[] kernels)
    {
        using EmulatedGpu gpu = new();
        Dictionary<string, double[]> processor = Compute(g, Device.Cpu);
        Dictionary<string, double[]> lowered = Compute(g, Device.Cpu, new SessionSettings { UseCustomOps = false });
        Dictionary<string, double[]> staged = Compute(g, Device.KernelsOn(gpu.Gpu));
        foreach (string name in processor.Keys)
        {
            Assert.Equal(processor[name], staged[name], (a, b) => Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Abs(a)));
            Assert.Equal(lowered[name], staged[name], (a, b) => Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Abs(a)));
        }

        Assert.All(kernels, kernel => Assert.True(gpu.State.Device.Counters.ContainsKey(kernel), $"{kernel} did not run"));
        Assert.Equal(kernels.Length == 0, gpu.State.Device.Counters.Count == 0);
    }

    /// <summary>Runs a graph on the values of <see cref="Fill"/>.</summary>
    public static Dictionary<string, double[]> Compute(GraphBuilder g, Device device, SessionSettings? settings = null)
    {
        using GraphSession session = device.CreateSession(OnnxModel.Write(g), settings);
        return Compute(session);
    }

    /// <summary>Runs a session on the values of <see cref="Fill"/>.</summary>
    public static Dictionary<string, double[]> Compute(GraphSession session)
    {
        Fill(session.Inputs, (port, values) => Bind(session, port, values));
        Dictionary<string, Func<double[]>> outputs = session.Outputs.ToDictionary(port => port.Name, port => Receive(session, port));
        session.Run();
        return outputs.ToDictionary(output => output.Key, output => output.Value());
    }

    /// <summary>Hands out the same values for the same ports every time: those around the unit square for points, indices, or numbers of size 1.</summary>
    public static void Fill(IEnumerable<GraphPort> ports, Action<GraphPort, Array> give)
    {
        ulong seed = 1;
        foreach (GraphPort port in ports)
        {
            int count = (int)port.Shape.Aggregate(1L, (a, b) => a * b);
            float[] values = port.Name is "points" or "locations" ? Pinned.Uniform(count, seed++, -0.1, 1.1).Values : Pinned.Normal(count, seed++).Values;
            give(port, port.Type == typeof(byte) ? Array.ConvertAll(values, value => (byte)(100 + (20 * value)))
                : port.Type == typeof(long) ? Enumerable.Range(0, count).Select(i => (long)i).ToArray() : values);
        }
    }

    private static void Bind(GraphSession session, GraphPort port, Array values)
    {
        switch (values)
        {
            case float[] floats: session.Bind<float>(port.Name, floats, port.Shape); break;
            case long[] integers: session.Bind<long>(port.Name, integers, port.Shape); break;
            default: session.Bind<byte>(port.Name, (byte[])values, port.Shape); break;
        }
    }

    private static Func<double[]> Receive(GraphSession session, GraphPort port)
    {
        long count = port.Shape.Aggregate(1L, (a, b) => a * b);
        if (port.Type == typeof(long))
        {
            long[] integers = new long[count];
            session.Bind<long>(port.Name, integers, port.Shape);
            return () => Array.ConvertAll(integers, value => (double)value);
        }

        float[] floats = new float[count];
        session.Bind<float>(port.Name, floats, port.Shape);
        return () => Array.ConvertAll(floats, value => (double)value);
    }
}
