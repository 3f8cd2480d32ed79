using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Group normalisation over the channels of a group and all pixels: x [N, C, P], scale [C], shift [C]; y = (x − mean) / sqrt(variance + epsilon) · scale
/// + shift.
/// </summary>
/// <remarks>
/// ONNX Runtime takes the variance as the mean of squares less the square of the mean, which in single precision falls below zero where a group is
/// nearly constant, as it is for a black image: its answer is no number then. Here the mean comes first, and sums are in double, eight side
/// by side.
/// </remarks>
public static unsafe class GroupNorm
{
    /// <summary>The groups from..to of all images.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[N, C, P].</param>
    /// <param name="scale">[C].</param>
    /// <param name="shift">[C].</param>
    /// <param name="y">[N, C, P]; the groups are overwritten.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="from">First group.</param>
    /// <param name="to">Group behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the groups lie outside; nothing has been written.</exception>
    public static void Forward(
        GroupNormShape shape, HostSpan<float> x, HostSpan<float> scale, HostSpan<float> shift, HostSpan<float> y, float epsilon, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Units, "groups");
        Forward(
            x.Pointer(shape.Elements, "x", "N·C·P"), scale.Pointer(shape.Channels, "scale", "C"), shift.Pointer(shape.Channels, "shift", "C"),
            y.Pointer(shape.Elements, "y", "N·C·P"), shape, epsilon, from, to);
    }

    /// <summary>Gradient of x in the groups from..to of all images, and the sums of their planes.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">[N, C, P].</param>
    /// <param name="x">[N, C, P].</param>
    /// <param name="scale">[C].</param>
    /// <param name="dX">[N, C, P]; the groups are overwritten.</param>
    /// <param name="planes"><see cref="GroupNormShape.PlaneFloats"/>; the groups' are overwritten.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="from">First group.</param>
    /// <param name="to">Group behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the groups lie outside; nothing has been written.</exception>
    public static void Backward(
        GroupNormShape shape, HostSpan<float> dY, HostSpan<float> x, HostSpan<float> scale, HostSpan<float> dX, HostSpan<float> planes,
        float epsilon, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Units, "groups");
        Backward(
            dY.Pointer(shape.Elements, "gradient of y", "N·C·P"), x.Pointer(shape.Elements, "x", "N·C·P"), scale.Pointer(shape.Channels, "scale", "C"),
            dX.Pointer(shape.Elements, "gradient of x", "N·C·P"), planes.Pointer(shape.PlaneFloats, "sums by plane", "2·N·C"), shape, epsilon, from, to);
    }

    /// <summary>Adds the planes of all images, in double.</summary>
    /// <exception cref="ArgumentException">A length is not the shape's; nothing has been written.</exception>
    public static void SumPlanes(GroupNormShape shape, HostSpan<float> planes, HostSpan<float> dScale, HostSpan<float> dShift)
    {
        float* sums = planes.Pointer(shape.PlaneFloats, "sums by plane", "2·N·C");
        float* scales = dScale.Pointer(shape.Channels, "gradient of the scale", "C");
        float* shifts = dShift.Pointer(shape.Channels, "gradient of the shift", "C");
        for (int c = 0; c < shape.Channels; c++)
        {
            (double scale, double shift) = (0, 0);
            for (int plane = c; plane < shape.Planes; plane += shape.Channels)
            {
                scale += sums[plane];
                shift += sums[shape.Planes + plane];
            }

            (scales[c], shifts[c]) = ((float)scale, (float)shift);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forward(float* x, float* scale, float* shift, float* y, GroupNormShape s, float epsilon, int from, int to)
    {
        for (int unit = from; unit < to; unit++)
        {
            int firstPlane = unit * s.ChannelsOfGroup;
            (float mean, float inverse) = Statistics(x + ((long)firstPlane * s.Pixels), (long)s.ChannelsOfGroup * s.Pixels, epsilon);
            for (int plane = firstPlane; plane < firstPlane + s.ChannelsOfGroup; plane++)
            {
                long at = (long)plane * s.Pixels;
                float slope = inverse * scale[plane % s.Channels];
                Normalise(x + at, y + at, s.Pixels, mean, slope, shift[plane % s.Channels]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Backward(float* dY, float* x, float* scale, float* dX, float* planes, GroupNormShape s, float epsilon, int from, int to)
    {
        for (int unit = from; unit < to; unit++)
        {
            int firstPlane = unit * s.ChannelsOfGroup;
            long elements = (long)s.ChannelsOfGroup * s.Pixels;
            (float mean, float inverse) = Statistics(x + ((long)firstPlane * s.Pixels), elements, epsilon);
            (double sum, double product) = (0, 0);
            for (int plane = firstPlane; plane < firstPlane + s.ChannelsOfGroup; plane++)
            {
                long at = (long)plane * s.Pixels;
                (double scales, double shifts) = SumPlane(dY + at, x + at, s.Pixels, mean, inverse);
                (planes[plane], planes[s.Planes + plane]) = ((float)scales, (float)shifts);
                sum += shifts * scale[plane % s.Channels];
                product += scales * scale[plane % s.Channels];
            }

            (float offset, float slope) = ((float)(sum / elements), (float)(product / elements));
            for (int plane = firstPlane; plane < firstPlane + s.ChannelsOfGroup; plane++)
            {
                long at = (long)plane * s.Pixels;
                StoreGradient(dY + at, x + at, dX + at, s.Pixels, scale[plane % s.Channels], (mean, inverse), (offset, slope));
            }
        }
    }

    private static void Normalise(float* x, float* y, int pixels, float mean, float slope, float shift)
    {
        (Vector256<float> means, Vector256<float> slopes, Vector256<float> shifts) = (Vector256.Create(mean), Vector256.Create(slope), Vector256.Create(shift));
        int p = 0;
        for (; p <= pixels - Vector256<float>.Count; p += Vector256<float>.Count)
        {
            Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.Load(x + p) - means, slopes, shifts), y + p);
        }

        for (; p < pixels; p++)
        {
            y[p] = MathF.FusedMultiplyAdd(x[p] - mean, slope, shift);
        }
    }

    /// <summary>Mean, and one over the standard deviation.</summary>
    private static (float Mean, float Inverse) Statistics(float* x, long length, float epsilon)
    {
        double mean = Sum(x, length) / length;
        return ((float)mean, 1f / MathF.Sqrt((float)(SumOfSquares(x, length, mean) / length) + epsilon));
    }

    // Eight sums side by side, whatever the machine's vectors are: the same bits everywhere.
    private static double Sum(float* x, long length)
    {
        (Vector256<double> low, Vector256<double> high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        long i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(x + i));
            (low, high) = (low + lower, high + upper);
        }

        double sum = Vector256.Sum(low + high);
        for (; i < length; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    private static double SumOfSquares(float* x, long length, double mean)
    {
        Vector256<double> middle = Vector256.Create(mean);
        (Vector256<double> low, Vector256<double> high) = (Vector256<double>.Zero, Vector256<double>.Zero);
        long i = 0;
        for (; i <= length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(x + i));
            (lower, upper) = (lower - middle, upper - middle);
            (low, high) = (low + (lower * lower), high + (upper * upper));
        }

        double sum = Vector256.Sum(low + high);
        for (; i < length; i++)
        {
            sum += (x[i] - mean) * (x[i] - mean);
        }

        return sum;
    }

    private static (double Scale, double Shift) SumPlane(float* dY, float* x, int pixels, float mean, float inverse)
    {
        (Vector256<float> means, Vector256<float> inverses) = (Vector256.Create(mean), Vector256.Create(inverse));
        (Vector256<double> scaleLow, Vector256<double> scaleHigh) = (Vector256<double>.Zero, Vector256<double>.Zero);
        (Vector256<double> shiftLow, Vector256<double> shiftHigh) = (Vector256<double>.Zero, Vector256<double>.Zero);
        int p = 0;
        for (; p <= pixels - Vector256<float>.Count; p += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load(dY + p));
            (Vector256<double> normalLow, Vector256<double> normalHigh) = Vector256.Widen((Vector256.Load(x + p) - means) * inverses);
            (scaleLow, scaleHigh) = (scaleLow + (low * normalLow), scaleHigh + (high * normalHigh));
            (shiftLow, shiftHigh) = (shiftLow + low, shiftHigh + high);
        }

        (double scale, double shift) = (Vector256.Sum(scaleLow + scaleHigh), Vector256.Sum(shiftLow + shiftHigh));
        for (; p < pixels; p++)
        {
            scale += (double)dY[p] * ((x[p] - mean) * inverse);
            shift += dY[p];
        }

        return (scale, shift);
    }

    // dX = (dY · scale - mean of it - normal · mean of its product with the normal) / deviation.
    private static void StoreGradient(
        float* dY, float* x, float* dX, int pixels, float scale, (float Mean, float Inverse) group, (float Offset, float Slope) means)
    {
        (Vector256<float> mean, Vector256<float> inverse) = (Vector256.Create(group.Mean), Vector256.Create(group.Inverse));
        (Vector256<float> offset, Vector256<float> slope) = (Vector256.Create(means.Offset), Vector256.Create(means.Slope));
        int p = 0;
        for (; p <= pixels - Vector256<float>.Count; p += Vector256<float>.Count)
        {
            Vector256<float> centred = (Vector256.Load(dY + p) * Vector256.Create(scale)) - offset;
            ((centred - ((Vector256.Load(x + p) - mean) * inverse * slope)) * inverse).Store(dX + p);
        }

        for (; p < pixels; p++)
        {
            dX[p] = ((dY[p] * scale) - means.Offset - ((x[p] - group.Mean) * group.Inverse * means.Slope)) * group.Inverse;
        }
    }
}
