using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a resize of class scores.</summary>
/// <param name="Classes">K, at most 65,535.</param>
/// <param name="SourceHeight">Rows of the scores.</param>
/// <param name="SourceWidth">Columns of the scores.</param>
/// <param name="Height">Rows of the labels, at most 65,535.</param>
/// <param name="Width">Columns of the labels.</param>
public sealed record ResizedShape(int Classes, int SourceHeight, int SourceWidth, int Height, int Width);

/// <summary>
/// The second half of <see cref="SemanticInference.RunResized"/> on a GPU (kernels/resized_labels.cu): scores of the crop in, labels at the image's own
/// size out. Owns its tables; dispose it.
/// </summary>
public sealed class CudaResizedLabels : IDisposable
{
    private const int Threads = 128;
    private const int RowsPerBlock = 8;
    private readonly CudaKernels _kernels;
    private readonly ResizedShape _shape;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<AxisTap> _x;
    private readonly DeviceBuffer<AxisTap> _y;

    /// <summary>Works out the axes and uploads them.</summary>
    public CudaResizedLabels(CudaKernels kernels, CudaStream stream, ResizedShape shape)
    {
        KernelCheck.That(
            shape is { Classes: >= 1 and <= ushort.MaxValue, Height: >= 1 and <= ushort.MaxValue, Width: >= 1, SourceHeight: >= 1, SourceWidth: >= 1 },
            "resized labels", $"sizes do not fit together: {shape}");
        KernelCheck.That(
            Plan(shape).SharedBytes <= kernels.Context.MaxSharedBytes, "resized labels", $"{shape.SourceWidth} columns to {shape.Width} are too many");
        (_kernels, _shape, _buffers) = (kernels, shape, new DeviceBuffers(kernels.Context));
        _x = _buffers.Upload(stream, AxisTap.Of(new BilinearAxis(shape.SourceWidth, shape.Width, shape.Width), shape.Width));
        _y = _buffers.Upload(stream, AxisTap.Of(new BilinearAxis(shape.SourceHeight, shape.Height, shape.Height), shape.Height));
    }

    /// <summary>One block a piece of eight rows.</summary>
    public static LaunchPlan Plan(ResizedShape shape)
        => new(LaunchPlan.Cover(shape.Width, Threads), Threads, LaunchPlan.Cover(shape.Height, RowsPerBlock),
            SharedBytes: (uint)(2 * Span(shape) * sizeof(float)));

    /// <summary>Labels, and resized scores on request.</summary>
    /// <param name="stream">Where to launch.</param>
    /// <param name="scores">[K, SourceHeight, SourceWidth].</param>
    /// <param name="labels">[Height, Width], overwritten.</param>
    /// <param name="resized">[K, Height, Width], overwritten; or empty.</param>
    public void Run(CudaStream stream, DeviceSpan<float> scores, DeviceSpan<ushort> labels, DeviceSpan<float> resized = default)
    {
        long pixels = (long)_shape.Height * _shape.Width;
        KernelCheck.Length(scores.Length, (long)_shape.Classes * _shape.SourceHeight * _shape.SourceWidth, "scores", "K·h·w");
        KernelCheck.Length(labels.Length, pixels, "labels", "H·W");
        KernelCheck.Length(resized.Length, resized.Length == 0 ? 0 : pixels * _shape.Classes, "resized scores", "K·H·W");
        KernelArguments arguments = default;
        arguments.Add(new KernelShape(_shape.Classes, _shape.SourceHeight, _shape.SourceWidth, _shape.Height, _shape.Width, Span(_shape)));
        arguments.Add(scores);
        arguments.Add(_x.Span);
        arguments.Add(_y.Span);
        arguments.Add(labels);
        arguments.Add(resized);
        stream.Launch(_kernels["resized_labels.cu", "resized_labels"], Plan(_shape), ref arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    // Most source columns of a block: from the first tap of its first pixel, rounded down to a sector of eight, to the second tap of its last one.
    private static int Span(ResizedShape shape) => Math.Min(shape.SourceWidth + 7, (int)((long)Threads * shape.SourceWidth / shape.Width) + 10);

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct KernelShape(int Classes, int SourceHeight, int SourceWidth, int Height, int Width, int Span);
}
