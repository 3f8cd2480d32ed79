using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Group normalisation over the channels of a group and all pixels: x [N, C, P], scale [C], shift [C]; y = (x − mean) / sqrt(variance + epsilon) · scale
/// + shift.
/// </summary>
/// <remarks>
/// Only nodes that a GPU leaves to the processor come here: sessions of the processor run the operator's lowering, whose bits histories have. Sums are
/// in double, in the order of the elements.
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
                for (int p = 0; p < s.Pixels; p++)
                {
                    y[at + p] = MathF.FusedMultiplyAdd(x[at + p] - mean, slope, shift[plane % s.Channels]);
                }
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
            for (long i = 0; i < elements; i++)
            {
                long at = ((long)firstPlane * s.Pixels) + i;
                float gradient = dY[at] * scale[(firstPlane + (i / s.Pixels)) % s.Channels];
                dX[at] = (gradient - offset - ((x[at] - mean) * inverse * slope)) * inverse;
            }
        }
    }

    /// <summary>Mean, and one over the standard deviation.</summary>
    private static (float Mean, float Inverse) Statistics(float* x, long length, float epsilon)
    {
        (double sum, double squares) = (0, 0);
        for (long i = 0; i < length; i++)
        {
            sum += x[i];
        }

        double mean = sum / length;
        for (long i = 0; i < length; i++)
        {
            squares += (x[i] - mean) * (x[i] - mean);
        }

        return ((float)mean, 1f / MathF.Sqrt((float)(squares / length) + epsilon));
    }

    private static (double Scale, double Shift) SumPlane(float* dY, float* x, int pixels, float mean, float inverse)
    {
        (double scale, double shift) = (0, 0);
        for (int p = 0; p < pixels; p++)
        {
            scale += (double)dY[p] * (x[p] - mean) * inverse;
            shift += dY[p];
        }

        return (scale, shift);
    }
}
