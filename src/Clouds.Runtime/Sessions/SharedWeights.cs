using Clouds.Graph.Weights;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Native;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtApi = Clouds.Runtime.CustomOps.OrtApi;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// Frozen weights for any number of sessions, none of which holds a copy. All read them where they are mapped; what the processor's kernels want
/// in a layout of their own, matrices above all, is laid out once and shared; on a GPU one copy serves all sessions. Dispose it after the sessions.
/// </summary>
/// <param name="weights">The weights, which belong to this object from now on.</param>
public sealed class SharedWeights(FrozenWeights weights) : IDisposable
{
    // Small tensors gain nothing. Kernels that cannot share a layout, those of norms in half precision, take vectors only.
    private const long LeastBytes = 64 * 1024;

    private readonly PrePackedWeightsContainer _layouts = new();
    private readonly List<(string Name, OrtValue Value)> _matrices = [.. weights.Tensors.Where(IsShared).Select(tensor => (tensor.Name, Value(tensor)))];

    private WeightsOnDevice? _onDevice;

    /// <summary>The weights.</summary>
    public FrozenWeights Weights => weights;

    /// <inheritdoc/>
    public void Dispose()
    {
        _layouts.Dispose();
        _onDevice?.Dispose();
        _matrices.ForEach(matrix => matrix.Value.Dispose());
        weights.Dispose();
    }

    /// <summary>Lets sessions read constants from the mapped files.</summary>
    internal void MapInto(SessionOptions options)
    {
        options.AddSessionConfigEntry("session.use_external_initializer_file_buffers_directly", "1");
        foreach (MappedFile file in weights.Files)
        {
            OrtApi.AddExternalFile(options, file.Name, file.Address, file.Bytes);
        }
    }

    /// <summary>Lets sessions on the processor share what their kernels lay out.</summary>
    internal void ShareInto(SessionOptions options)
    {
        foreach ((string name, OrtValue value) in _matrices)
        {
            options.AddInitializer(name, value);
        }
    }

    /// <summary>Lets sessions on a GPU, always the same one, share its copy of the weights, which the first of them makes.</summary>
    internal void ShareInto(SessionOptions options, Gpu gpu)
    {
        _onDevice ??= new WeightsOnDevice(gpu, weights.Tensors.Where(IsOnDevice));
        _onDevice.ShareInto(options);
    }

    internal InferenceSession Open(byte[] model, SessionOptions options)
    {
        // Most of it is read to be laid out and is not needed again.
        using PageRelease release = new(weights.Files.Where(file => file.OnDisk).Select(file => (file.Address, file.Bytes)));
        return new InferenceSession(model, options, _layouts);
    }

    /// <summary>Bytes that sessions on a GPU share there.</summary>
    public long BytesOnDevice => weights.Tensors.Where(IsOnDevice).Sum(tensor => tensor.Bytes);

    /// <summary>Whether sessions on a GPU share one copy of a tensor; of others each has its own.</summary>
    internal static bool IsOnDevice(TensorEntry tensor) => tensor.Bytes >= LeastBytes && WeightsOnDevice.ElementOf(tensor.Type) is not null;

    private static bool IsShared(TensorEntry tensor) =>
        tensor.Type == WeightType.F32 && tensor.Shape.Count >= 2 && tensor.Bytes >= LeastBytes;

    private static OrtValue Value(TensorEntry tensor) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, TensorElementType.Float, [.. tensor.Shape], tensor.File.Address + (nint)tensor.Offset, tensor.Bytes);
}
