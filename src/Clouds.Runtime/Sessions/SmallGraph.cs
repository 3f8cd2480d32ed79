using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>y = x + x over four floats: the smallest work that shows whether a device runs graphs.</summary>
internal static class SmallGraph
{
    /// <summary>Runs it.</summary>
    /// <exception cref="CloudsException">It cannot be made, does not run, or its numbers are wrong.</exception>
    public static void Run(Device device)
    {
        GraphBuilder g = new("doubling");
        Value x = g.Input("x", ElementType.Float, [4]);
        g.Output("y", g.Add(x, x));
        using GraphSession session = device.CreateSession(OnnxModel.Write(g));
        float[] result = new float[4];
        session.Bind<float>("x", new float[] { 1, 2, 3, 4 }, 4);
        session.Bind<float>("y", result, 4);
        session.Run();
        if (result is not [2, 4, 6, 8])
        {
            throw new CloudsException(
                Failure.Device, $"a small graph computed wrong: {string.Join(", ", result)} for 2, 4, 6, 8", device.ToString(), next: "report this");
        }
    }
}
