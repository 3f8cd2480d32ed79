using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Portable;
using Clouds.Graph.Weights;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>The three networks of Stable Diffusion with their weights, and the sessions that are made of them. Dispose it after the sessions.</summary>
internal sealed class DiffusionNetworks : IDisposable
{
    private readonly SessionSettings _settings;
    private readonly Dictionary<DiffusionPart, SharedWeights> _weights = [];

    /// <param name="config">What they are.</param>
    /// <param name="device">Where they run; the caller's.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="weights">A network's weights, owned from now on.</param>
    /// <param name="precision">In what products are computed.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As the weights say; those that were opened are closed then.</exception>
    public DiffusionNetworks(
        DiffusionConfig config, Device device, SessionSettings settings, Func<DiffusionPart, FrozenWeights> weights, PaintPrecision precision)
    {
        (Config, Device, _settings) = (config, device, settings);
        try
        {
            foreach (DiffusionPart part in Enum.GetValues<DiffusionPart>())
            {
                _weights.Add(part, new SharedWeights(weights(part)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Half = precision == PaintPrecision.Half || (precision == PaintPrecision.Auto && device.TensorGpu is not null && IsStoredInHalf);
    }

    /// <summary>What they are.</summary>
    public DiffusionConfig Config { get; }

    /// <summary>Where they run.</summary>
    public Device Device { get; }

    /// <summary>Whether their products are in half precision.</summary>
    public bool Half { get; }

    private bool IsStoredInHalf => _weights[DiffusionPart.UNet].Weights.Tensors.Any(tensor => tensor.Type == WeightType.F16);

    /// <summary>A session of a graph around a network.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="part">The network.</param>
    /// <param name="half">Whether its products are in half precision.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: it cannot be made.</exception>
    public GraphSession Open(GraphBuilder graph, DiffusionPart part, bool half)
    {
        SharedWeights weights = _weights[part];
        byte[] model = OnnxModel.Write(half ? HalfPrecision.Of(graph) : graph, weights.Weights.Elements, Conversion(part));
        return Device.CreateSession(model, _settings with { Weights = weights });
    }

    // A processor computes in single precision. The denoiser's halves stay halves in memory; the autoencoder's weights are few and its maps large, so it
    // keeps the layouts that constants get.
    private StoredConversion Conversion(DiffusionPart part) =>
        Device.TensorGpu is null && part != DiffusionPart.Autoencoder ? StoredConversion.EveryRun : StoredConversion.Once;

    /// <summary>A session of a graph that has no weights.</summary>
    public GraphSession Open(GraphBuilder graph) => Device.CreateSession(OnnxModel.Write(graph), _settings);

    public void Dispose()
    {
        foreach (SharedWeights weights in _weights.Values)
        {
            weights.Dispose();
        }
    }
}
