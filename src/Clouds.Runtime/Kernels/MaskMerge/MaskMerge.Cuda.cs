using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Masks of Segment Anything to a label map on a GPU (kernels/mask_merge.cu) for one geometry. Owns its tables; dispose it.</summary>
public sealed class CudaMaskMerge : IDisposable
{
    private const int Side = 32;
    private readonly CudaKernels _kernels;
    private readonly MaskGeometry _geometry;
    private readonly DeviceBuffers _buffers;
    private readonly DeviceBuffer<MaskTap> _x;
    private readonly DeviceBuffer<MaskTap> _y;

    /// <summary>Works out both axes and uploads them.</summary>
    public CudaMaskMerge(CudaKernels kernels, CudaStream stream, MaskGeometry geometry)
    {
        bool fits = geometry.MaskHeight > 0 && geometry.MaskWidth > 0 && geometry.OutputHeight > 0 && geometry.OutputWidth > 0
            && geometry.InputHeight > 0 && geometry.InputWidth > 0
            && geometry.InputHeight <= geometry.FrameHeight && geometry.InputWidth <= geometry.FrameWidth;
        KernelCheck.That(fits, "mask merge", $"sizes do not fit together: {geometry}");
        (_kernels, _geometry) = (kernels, geometry);
        _buffers = new DeviceBuffers(kernels.Context);
        _x = _buffers.Upload(stream, Axis(geometry.MaskWidth, geometry.FrameWidth, geometry.InputWidth, geometry.OutputWidth));
        _y = _buffers.Upload(stream, Axis(geometry.MaskHeight, geometry.FrameHeight, geometry.InputHeight, geometry.OutputHeight));
    }

    /// <summary>One block a tile of 32 x 32 pixels.</summary>
    public static LaunchPlan Plan(MaskGeometry geometry)
        => new(LaunchPlan.Cover(geometry.OutputWidth, Side), Side, LaunchPlan.Cover(geometry.OutputHeight, Side), BlockY: 8);

    /// <summary>Merges the masks of one image.</summary>
    /// <typeparam name="T">float or <see cref="Half"/>.</typeparam>
    /// <param name="stream">Where to launch.</param>
    /// <param name="logits">[N, 3, MaskHeight, MaskWidth], float or <see cref="Half"/>.</param>
    /// <param name="predictedIou">[N, 3].</param>
    /// <param name="classes">[N], below 255.</param>
    /// <param name="differentClass">Only masks of different classes clash (the paper's text); otherwise any two (the reference code).</param>
    /// <param name="labels">[height, width], overwritten.</param>
    /// <param name="areas">[N], overwritten.</param>
    /// <param name="bitmaps">[planes, height, ⌈width / 32⌉], overwritten; or empty.</param>
    public void Run<T>(CudaStream stream, DeviceSpan<T> logits, DeviceSpan<float> predictedIou, DeviceSpan<byte> classes,
        bool differentClass, DeviceSpan<byte> labels, DeviceSpan<int> areas, DeviceSpan<uint> bitmaps = default)
        where T : unmanaged
    {
        KernelCheck.That(typeof(T) == typeof(float) || typeof(T) == typeof(Half), "mask merge",
            $"logits of {typeof(T).Name}; there are kernels for float and {nameof(Half)}");
        long plane = (long)_geometry.OutputHeight * LaunchPlan.Cover(_geometry.OutputWidth, Side);
        KernelCheck.Length(logits.Length, 3 * classes.Length * _geometry.MaskHeight * _geometry.MaskWidth, "logits", "N·3·h·w");
        KernelCheck.Length(predictedIou.Length, 3 * classes.Length, "predicted IoU", "N·3");
        KernelCheck.Length(labels.Length, (long)_geometry.OutputHeight * _geometry.OutputWidth, "labels", "H·W");
        KernelCheck.Length(areas.Length, classes.Length, "areas", "N");
        KernelCheck.That(bitmaps.Length % plane == 0, "mask merge", $"bitmaps have {bitmaps.Length} words, not a multiple of {plane}");
        stream.Fill(areas);
        stream.Fill(bitmaps);
        KernelArguments arguments = default;
        arguments.Add(new MergeShape((int)classes.Length, _geometry.MaskHeight, _geometry.MaskWidth,
            _geometry.OutputHeight, _geometry.OutputWidth, (int)(bitmaps.Length / plane), differentClass ? 1u : 0));
        arguments.Add(logits);
        arguments.Add(predictedIou);
        arguments.Add(classes);
        arguments.Add(_x.Span);
        arguments.Add(_y.Span);
        arguments.Add(labels);
        arguments.Add(bitmaps);
        arguments.Add(areas);
        stream.Launch(_kernels["mask_merge.cu", typeof(T) == typeof(Half) ? "mask_merge_f16" : "mask_merge"], Plan(_geometry), ref arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    // Single precision throughout, as the reference's resampler works.
    private static (int First, int Second, float W0, float W1) Tap(int i, int source, int target)
    {
        float scale = (float)source / target;
        float position = Math.Max(0, (scale * (i + 0.5f)) - 0.5f);
        int first = Math.Min((int)position, source - 1);
        float fraction = position - first;
        return (first, Math.Min(first + 1, source - 1), 1f - fraction, fraction);
    }

    private static MaskTap[] Axis(int mask, int frame, int input, int output)
    {
        MaskTap[] taps = new MaskTap[output];
        for (int i = 0; i < output; i++)
        {
            (int near, int far, float nearWeight, float farWeight) = Tap(i, input, output);
            (int a, int b, float wa, float wb) = Tap(near, mask, frame);
            (int c, int d, float wc, float wd) = Tap(far, mask, frame);
            taps[i] = new MaskTap(a, b, c, d, wa, wb, wc, wd, nearWeight, farWeight, 0, 0);
        }

        return taps;
    }

    /// <summary>The kernel's table row: four logit indices and weights, weights of near and far frame pixel, padding to 48 bytes.</summary>
    private readonly record struct MaskTap(
        int A, int B, int C, int D, float WeightA, float WeightB, float WeightC, float WeightD, float Near, float Far, int Pad0, int Pad1);

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct MergeShape(int Masks, int MaskHeight, int MaskWidth, int Height, int Width, int Planes, uint DifferentClass);
}
