using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>Layer normalisation over the last axis: x [R, D], scale [D], bias [D]; y = (x − mean) / sqrt(variance + epsilon) · scale + bias.</summary>
public static unsafe partial class LayerNorm
{
    /// <summary>Rows from..to.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[R, D].</param>
    /// <param name="scale">[D].</param>
    /// <param name="bias">[D].</param>
    /// <param name="y">[R, D]; the rows are overwritten.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="from">First row.</param>
    /// <param name="to">Row behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the rows lie outside; nothing has been written.</exception>
    public static void Forward(
        LayerNormShape shape, HostSpan<float> x, HostSpan<float> scale, HostSpan<float> bias, HostSpan<float> y, float epsilon, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Rows, "rows");
        Forward(
            x.Pointer(shape.Elements, "x", "R·D"), scale.Pointer(shape.Width, "scale", "D"), bias.Pointer(shape.Width, "bias", "D"),
            y.Pointer(shape.Elements, "y", "R·D"), shape.Width, epsilon, from, to);
    }

    // The loops of an entry have a body of their own, so that the checks before them change nothing about how they are compiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forward(float* x, float* scale, float* bias, float* y, int width, float epsilon, int from, int to)
    {
        for (int r = from; r < to; r++)
        {
            float* row = x + ((long)r * width);
            float* result = y + ((long)r * width);
            (float mean, float inverse) = Statistics(row, width, epsilon);
            Vector512<float> m = Vector512.Create(mean);
            Vector512<float> s = Vector512.Create(inverse);
            int d = 0;
            for (; d + Lanes.Count <= width; d += Lanes.Count)
            {
                Vector512<float> normal = (Vector512.Load(row + d) - m) * s;
                Vector512.FusedMultiplyAdd(normal, Vector512.Load(scale + d), Vector512.Load(bias + d)).Store(result + d);
            }

            for (; d < width; d++)
            {
                result[d] = MathF.FusedMultiplyAdd((row[d] - mean) * inverse, scale[d], bias[d]);
            }
        }
    }

    /// <summary>Mean, and one over the standard deviation.</summary>
    private static (float Mean, float Inverse) Statistics(float* row, int width, float epsilon)
    {
        float mean = Sum(row, width) / width;
        float variance = SquaredDistance(row, width, mean) / width;
        return (mean, 1f / MathF.Sqrt(variance + epsilon));
    }

    private static float Sum(float* row, int width)
    {
        Vector512<float> a = default, b = default, c = default, e = default;
        int d = 0;
        for (; d + (4 * Lanes.Count) <= width; d += 4 * Lanes.Count)
        {
            a += Vector512.Load(row + d);
            b += Vector512.Load(row + d + Lanes.Count);
            c += Vector512.Load(row + d + (2 * Lanes.Count));
            e += Vector512.Load(row + d + (3 * Lanes.Count));
        }

        for (; d + Lanes.Count <= width; d += Lanes.Count)
        {
            a += Vector512.Load(row + d);
        }

        float sum = Lanes.Sum((a + b) + (c + e));
        for (; d < width; d++)
        {
            sum += row[d];
        }

        return sum;
    }

    private static float SquaredDistance(float* row, int width, float mean)
    {
        Vector512<float> m = Vector512.Create(mean);
        Vector512<float> a = default, b = default;
        int d = 0;
        for (; d + (2 * Lanes.Count) <= width; d += 2 * Lanes.Count)
        {
            Vector512<float> first = Vector512.Load(row + d) - m;
            Vector512<float> second = Vector512.Load(row + d + Lanes.Count) - m;
            a = Vector512.FusedMultiplyAdd(first, first, a);
            b = Vector512.FusedMultiplyAdd(second, second, b);
        }

        for (; d + Lanes.Count <= width; d += Lanes.Count)
        {
            Vector512<float> first = Vector512.Load(row + d) - m;
            a = Vector512.FusedMultiplyAdd(first, first, a);
        }

        float sum = Lanes.Sum(a + b);
        for (; d < width; d++)
        {
            sum += (row[d] - mean) * (row[d] - mean);
        }

        return sum;
    }
}
