using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Segmentation;

/// <summary>A network's answer to labels at the image's own size, on a GPU, for images of one size. Dispose it when its launches are done.</summary>
internal sealed class LabelsOnDevice : IDisposable
{
    private readonly SemanticShape _shape;
    private readonly (int Height, int Width) _answer;
    private readonly CudaSemanticInference _inference;
    private readonly CudaResizedLabels? _resized;
    private readonly DeviceBuffer<float>? _cropScores;
    private readonly DeviceBuffer<ushort>? _cropLabels;

    /// <param name="gpu">The GPU.</param>
    /// <param name="shape">The network's sizes and the image's as the network sees it.</param>
    /// <param name="height">Rows of the answer.</param>
    /// <param name="width">Columns of the answer.</param>
    public LabelsOnDevice(Gpu gpu, SemanticShape shape, int height, int width)
    {
        (_shape, _answer) = (shape, (height, width));
        try
        {
            _inference = new CudaSemanticInference(gpu.Kernels, gpu.Stream, shape);
            if (height != shape.CropHeight || width != shape.CropWidth)
            {
                long pixels = (long)shape.CropHeight * shape.CropWidth;
                _resized = new CudaResizedLabels(gpu.Kernels, gpu.Stream, new ResizedShape(shape.Classes, shape.CropHeight, shape.CropWidth, height, width));
                _cropScores = gpu.Context.Allocate<float>(shape.Classes * pixels);
                _cropLabels = gpu.Context.Allocate<ushort>(pixels);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether it is for these sizes.</summary>
    public bool Fits(int cropHeight, int cropWidth, int height, int width)
        => (_shape.CropHeight, _shape.CropWidth, _answer) == (cropHeight, cropWidth, (height, width));

    /// <summary>Launches; <paramref name="scores"/> may be empty.</summary>
    public void Run(
        CudaStream stream, DeviceSpan<float> probabilities, DeviceSpan<float> maskLogits, DeviceSpan<ushort> labels, DeviceSpan<float> scores)
    {
        if (_resized is null)
        {
            _inference.Run(stream, probabilities, maskLogits, labels, scores);
            return;
        }

        _inference.Run(stream, probabilities, maskLogits, _cropLabels!.Span, _cropScores!.Span);
        _resized.Run(stream, _cropScores.Span, labels, scores);
    }

    public void Dispose()
    {
        // Where the constructor failed, not even this was made.
        _inference?.Dispose();
        _resized?.Dispose();
        _cropScores?.Dispose();
        _cropLabels?.Dispose();
    }
}
