using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>The memory of a GPU that a segmenter's graphs take, foreseen before a session is made; class scores that are asked for come on top.</summary>
/// <param name="device">The GPU.</param>
/// <param name="resizes">Whether answers have another size than what the network sees.</param>
/// <param name="taken">Bytes of the segmenter's other graphs, their weights left out.</param>
internal sealed class InferenceMemory(Device device, bool resizes, Func<long> taken)
{
    /// <summary>Refuses a graph that does not fit beside the others.</summary>
    /// <param name="graph">The network for one padded size.</param>
    /// <param name="weights">Its weights, shared with the others.</param>
    /// <param name="height">Padded rows.</param>
    /// <param name="width">Padded columns.</param>
    /// <param name="classes">Number of classes.</param>
    /// <returns>The bytes that it takes, weights left out.</returns>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: it does not fit.</exception>
    public long Require(GraphBuilder graph, FrozenWeights weights, int height, int width, int classes)
    {
        long others = taken();
        MemoryForecast forecast = new();
        forecast.AddWeights(weights);
        forecast.AddBuffer(others);
        long before = forecast.Bytes(device);
        if (others > 0)
        {
            forecast.MarkTaken(device);
        }

        forecast.AddSession(graph, weights);
        forecast.AddBuffer(graph.Outputs.Sum(output => MemoryPlan.BytesOf(output.Value)));
        forecast.AddBuffer(BuffersOf((long)height * width, classes));
        forecast.Require(device, $"segmentation at {width} x {height}", "let the network see smaller images (SegmenterOptions.ShortSide)");
        return forecast.Bytes(device) - before;
    }

    // Planes and labels of the images under way; at the network's size also the scores from which the answer is resized, and labels.
    private long BuffersOf(long pixels, int classes)
        => (DeviceInference.InFlight * pixels * ((3 * sizeof(float)) + sizeof(ushort)))
            + (resizes ? pixels * ((classes * sizeof(float)) + sizeof(ushort)) : 0);
}
