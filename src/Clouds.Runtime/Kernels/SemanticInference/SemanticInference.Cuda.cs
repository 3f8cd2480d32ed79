using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary><see cref="SemanticInference"/> on a GPU (kernels/semantic_inference.cu) for one size. Owns its tables; dispose it.</summary>
public sealed class CudaSemanticInference : IDisposable
{
    private const int ClassBlock = 20;
    private const int Threads = 128;
    private readonly CudaKernels _kernels;
    private readonly SemanticShape _shape;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<AxisTap> _x;
    private readonly DeviceBuffer<AxisTap> _y;

    /// <summary>Works out the axes and uploads them.</summary>
    public CudaSemanticInference(CudaKernels kernels, CudaStream stream, SemanticShape shape)
    {
        KernelCheck.That(shape.Classes is >= 1 and <= ushort.MaxValue && shape.CropHeight is >= 1 and <= ushort.MaxValue
            && shape.CropHeight <= shape.PaddedHeight && shape.CropWidth <= shape.PaddedWidth, "semantic inference", $"sizes do not fit together: {shape}");
        KernelCheck.That(Plan(shape).SharedBytes <= kernels.Context.MaxSharedBytes, "semantic inference", $"{shape.Queries} queries are too many");
        (_kernels, _shape) = (kernels, shape);
        _buffers = new DeviceBuffers(kernels.Context);
        _x = _buffers.Upload(stream, AxisTap.Of(new BilinearAxis(shape.MaskWidth, shape.PaddedWidth, shape.CropWidth), shape.CropWidth));
        _y = _buffers.Upload(stream, AxisTap.Of(new BilinearAxis(shape.MaskHeight, shape.PaddedHeight, shape.CropHeight), shape.CropHeight));
    }

    /// <summary>One block a piece of a row.</summary>
    public static LaunchPlan Plan(SemanticShape shape)
        => new(LaunchPlan.Cover(shape.CropWidth, Threads), Threads, (uint)shape.CropHeight, SharedBytes: (uint)(shape.Queries * ClassBlock * sizeof(float)));

    /// <summary>Labels, and scores on request, of the un-padded crop.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="probabilities">P [Q, K].</param>
    /// <param name="maskLogits">[Q, MaskHeight, MaskWidth].</param>
    /// <param name="labels">[CropHeight, CropWidth], overwritten.</param>
    /// <param name="scores">[K, CropHeight, CropWidth], overwritten; or empty.</param>
    public void Run(
        CudaStream stream, DeviceSpan<float> probabilities, DeviceSpan<float> maskLogits, DeviceSpan<ushort> labels, DeviceSpan<float> scores = default)
    {
        long pixels = (long)_shape.CropHeight * _shape.CropWidth;
        KernelCheck.Length(probabilities.Length, (long)_shape.Queries * _shape.Classes, "class probabilities", "Q·K");
        KernelCheck.Length(maskLogits.Length, (long)_shape.Queries * _shape.MaskHeight * _shape.MaskWidth, "mask logits", "Q·h·w");
        KernelCheck.Length(labels.Length, pixels, "labels", "H·W");
        KernelCheck.Length(scores.Length, scores.Length == 0 ? 0 : pixels * _shape.Classes, "scores", "K·H·W");
        KernelArguments arguments = default;
        arguments.Add(new InferenceShape(_shape.Queries, _shape.Classes, _shape.MaskHeight, _shape.MaskWidth, _shape.CropHeight, _shape.CropWidth));
        arguments.Add(maskLogits);
        arguments.Add(probabilities);
        arguments.Add(_x.Span);
        arguments.Add(_y.Span);
        arguments.Add(labels);
        arguments.Add(scores);
        stream.Launch(_kernels["semantic_inference.cu", "semantic_inference"], Plan(_shape), ref arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct InferenceShape(int Queries, int Classes, int MaskHeight, int MaskWidth, int Height, int Width);
}
