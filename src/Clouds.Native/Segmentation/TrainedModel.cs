using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Segmentation;

/// <summary>A model as training writes it: weights and a description, from which a graph is written for every padded size.</summary>
/// <param name="description">The network.</param>
/// <param name="weights">Its weights, owned from now on.</param>
internal sealed class TrainedModel(ModelDescription description, SharedWeights weights) : ISegmentationModel
{
    private readonly Normalisation _colours = new(description.Normalisation.Mean, description.Normalisation.Deviation);

    public ClassSet Classes { get; } =
        new(description.ClassNames, [.. description.ClassColours.Select(colour => new RgbColour(colour.R, colour.G, colour.B))]);

    public int ShortSide => description.ShortSide;

    public int? LongSide => null;

    public long BytesOnDevice => weights.BytesOnDevice;

    /// <summary>Opens a model file.</summary>
    /// <param name="source">The file, owned from now on.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="ModelWeights.Open"/>.</exception>
    public static TrainedModel Open(WeightSource source)
    {
        (ModelDescription description, FrozenWeights weights) = ModelWeights.Open(source);
        return new TrainedModel(description, new SharedWeights(weights));
    }

    public void Prepare(Device device, SegmenterOptions options)
    {
    }

    public (int Width, int Height) Fit(int width, int height) => (width, height);

    public (int Width, int Height) Padded(int width, int height) => (TestTimeResize.Padded(width), TestTimeResize.Padded(height));

    public void RequireUnchanged() => weights.Weights.RequireUnchanged();

    public IInference Open(int height, int width, Device device, SegmenterOptions options, Func<long> taken)
    {
        bool resizes = (options.ShortSide ?? ShortSide) != 0 || options.LongSide > 0;
        InferenceMemory? memory = device.TensorGpu is null ? null : new InferenceMemory(device, resizes, taken);
        InferenceGraph graph = new(description, weights, height, width, device, options.SessionSettings, memory);
        return device.TensorGpu is Gpu gpu
            ? new DeviceInference(graph, _colours, gpu)
            : new HostInference(graph.Session, graph.Shape, _colours, options.ThreadsOfSession);
    }

    public void Dispose() => weights.Dispose();
}
