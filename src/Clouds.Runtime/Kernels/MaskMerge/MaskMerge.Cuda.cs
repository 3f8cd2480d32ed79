using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>What <see cref="CudaMaskMerge"/> fills, as <see cref="MergedMasks"/> has it; the memory is the caller's.</summary>
/// <param name="labels">[height, width].</param>
/// <param name="areas">[N].</param>
/// <param name="bitmaps">[planes, height, ⌈width / 32⌉], or empty.</param>
public readonly ref struct MergedOnDevice(DeviceSpan<byte> labels, DeviceSpan<int> areas, DeviceSpan<uint> bitmaps = default)
{
    public DeviceSpan<byte> Labels { get; } = labels;

    public DeviceSpan<int> Areas { get; } = areas;

    public DeviceSpan<uint> Bitmaps { get; } = bitmaps;

    public DeviceSpan<uint> Clashes { get; init; }

    public DeviceSpan<uint> Chosen { get; init; }

    public bool Resumes { get; init; }
}

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

    /// <summary>Merges masks of one image.</summary>
    /// <typeparam name="T">float or <see cref="Half"/>.</typeparam>
    /// <param name="stream">Where to launch.</param>
    /// <param name="logits">[N, 3, MaskHeight, MaskWidth], float or <see cref="Half"/>.</param>
    /// <param name="predictedIou">[N, 3].</param>
    /// <param name="classes">[N], below 255.</param>
    /// <param name="overlap">Which overlaps are clashes.</param>
    /// <param name="result">Overwritten.</param>
    public void Run<T>(CudaStream stream, DeviceSpan<T> logits, DeviceSpan<float> predictedIou, DeviceSpan<byte> classes,
        MaskOverlap overlap, MergedOnDevice result)
        where T : unmanaged
    {
        KernelCheck.That(typeof(T) == typeof(float) || typeof(T) == typeof(Half), "mask merge",
            $"logits of {typeof(T).Name}; there are kernels for float and {nameof(Half)}");
        KernelCheck.Length(logits.Length, 3 * classes.Length * _geometry.MaskHeight * _geometry.MaskWidth, "logits", "N·3·h·w");
        KernelCheck.Length(predictedIou.Length, 3 * classes.Length, "predicted IoU", "N·3");
        long plane = Check(result, classes.Length);
        stream.Fill(result.Areas);
        stream.Fill(result.Chosen);
        if (!result.Resumes || overlap != MaskOverlap.Keep)
        {
            stream.Fill(result.Bitmaps);
        }

        KernelArguments arguments = default;
        arguments.Add(new MergeShape((int)classes.Length, _geometry.MaskHeight, _geometry.MaskWidth, _geometry.OutputHeight, _geometry.OutputWidth,
            (int)(result.Bitmaps.Length / plane), (uint)overlap, result.Resumes ? 1u : 0));
        arguments.Add(logits);
        arguments.Add(predictedIou);
        arguments.Add(classes);
        arguments.Add(_x.Span);
        arguments.Add(_y.Span);
        arguments.Add(result.Labels);
        arguments.Add(result.Bitmaps);
        arguments.Add(result.Areas);
        arguments.Add(result.Clashes);
        arguments.Add(result.Chosen);
        stream.Launch(_kernels["mask_merge.cu", typeof(T) == typeof(Half) ? "mask_merge_f16" : "mask_merge"], Plan(_geometry), ref arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private long Check(MergedOnDevice result, long masks)
    {
        long plane = (long)_geometry.OutputHeight * LaunchPlan.Cover(_geometry.OutputWidth, Side);
        KernelCheck.Length(result.Labels.Length, (long)_geometry.OutputHeight * _geometry.OutputWidth, "labels", "H·W");
        KernelCheck.Length(result.Areas.Length, masks, "areas", "N");
        KernelCheck.That(result.Bitmaps.Length % plane == 0, "mask merge", $"bitmaps have {result.Bitmaps.Length} words, not a multiple of {plane}");
        KernelCheck.Length(result.Chosen.Length, result.Chosen.Length == 0 ? 0 : masks * plane, "chosen masks", "N·H·⌈W/32⌉");
        KernelCheck.Length(result.Clashes.Length, result.Clashes.Length == 0 && !result.Resumes ? 0 : plane, "clashes", "H·⌈W/32⌉");
        return plane;
    }

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
    private readonly record struct MergeShape(int Masks, int MaskHeight, int MaskWidth, int Height, int Width, int Planes, uint Overlap, uint Resumes);
}
