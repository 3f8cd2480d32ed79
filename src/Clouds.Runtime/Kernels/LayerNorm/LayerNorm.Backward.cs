using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

public static unsafe partial class LayerNorm
{
    /// <summary>Gradient of x for the rows of chunks from..to, and these chunks' partial sums; mean and deviation are computed again.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">[R, D].</param>
    /// <param name="x">[R, D].</param>
    /// <param name="scale">[D].</param>
    /// <param name="dX">[R, D]; the chunks' rows are overwritten.</param>
    /// <param name="partials"><see cref="LayerNormShape.PartialFloats"/>; the chunks' are overwritten.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="from">First chunk.</param>
    /// <param name="to">Chunk behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the chunks lie outside; nothing has been written.</exception>
    public static void Backward(
        LayerNormShape shape, HostSpan<float> dY, HostSpan<float> x, HostSpan<float> scale, HostSpan<float> dX, HostSpan<float> partials,
        float epsilon, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Chunks, "chunks");
        Backward(
            dY.Pointer(shape.Elements, "gradient of y", "R·D"), x.Pointer(shape.Elements, "x", "R·D"), scale.Pointer(shape.Width, "scale", "D"),
            dX.Pointer(shape.Elements, "gradient of x", "R·D"), partials.Pointer(shape.PartialFloats, "partial sums", "2·chunks·D"),
            shape.Rows, shape.Width, epsilon, from, to);
    }

    /// <summary>Adds the chunks in index order, in double.</summary>
    /// <exception cref="ArgumentException">A length is not the shape's; nothing has been written.</exception>
    public static void SumPartials(LayerNormShape shape, HostSpan<float> partials, HostSpan<float> dScale, HostSpan<float> dBias)
        => SumPartials(
            partials.Pointer(shape.PartialFloats, "partial sums", "2·chunks·D"), dScale.Pointer(shape.Width, "gradient of the scale", "D"),
            dBias.Pointer(shape.Width, "gradient of the bias", "D"), shape.Chunks, shape.Width);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Backward(
        float* dY, float* x, float* scale, float* dX, float* partials, int rows, int width, float epsilon, int from, int to)
    {
        for (int chunk = from; chunk < to; chunk++)
        {
            float* dScale = partials + (2L * chunk * width);
            new Span<float>(dScale, 2 * width).Clear();
            int last = Math.Min(rows, (chunk + 1) * LayerNormShape.ChunkRows);
            for (int r = chunk * LayerNormShape.ChunkRows; r < last; r++)
            {
                long row = (long)r * width;
                RowBackward(dY + row, x + row, scale, dX + row, dScale, dScale + width, width, epsilon);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SumPartials(float* partials, float* dScale, float* dBias, int chunks, int width)
    {
        for (int d = 0; d < width; d++)
        {
            double scale = 0;
            double bias = 0;
            for (long chunk = 0; chunk < chunks; chunk++)
            {
                scale += partials[(2 * chunk * width) + d];
                bias += partials[(((2 * chunk) + 1) * width) + d];
            }

            dScale[d] = (float)scale;
            dBias[d] = (float)bias;
        }
    }

    // With n = (x - mean) / deviation and g = dY · scale: dX = (g - mean(g) - n · mean(g · n)) / deviation.
    private static void RowBackward(float* dY, float* x, float* scale, float* dX, float* dScale, float* dBias, int width, float epsilon)
    {
        (float mean, float inverse) = Statistics(x, width, epsilon);
        Vector512<float> m = Vector512.Create(mean);
        Vector512<float> s = Vector512.Create(inverse);
        Vector512<float> sums = default, products = default;
        int d = 0;
        for (; d + Lanes.Count <= width; d += Lanes.Count)
        {
            Vector512<float> gradient = Vector512.Load(dY + d);
            Vector512<float> normal = (Vector512.Load(x + d) - m) * s;
            Vector512<float> g = gradient * Vector512.Load(scale + d);
            sums += g;
            products = Vector512.FusedMultiplyAdd(g, normal, products);
            Vector512.FusedMultiplyAdd(gradient, normal, Vector512.Load(dScale + d)).Store(dScale + d);
            (gradient + Vector512.Load(dBias + d)).Store(dBias + d);
        }

        (float sum, float product) = (Lanes.Sum(sums), Lanes.Sum(products));
        for (; d < width; d++)
        {
            float normal = (x[d] - mean) * inverse;
            sum += dY[d] * scale[d];
            product += dY[d] * scale[d] * normal;
            dScale[d] += dY[d] * normal;
            dBias[d] += dY[d];
        }

        StoreInputGradient(dY, x, scale, dX, width, (mean, inverse), sum / width, product / width);
    }

    private static void StoreInputGradient(
        float* dY, float* x, float* scale, float* dX, int width, (float Mean, float Inverse) row, float meanGradient, float meanProduct)
    {
        Vector512<float> m = Vector512.Create(row.Mean);
        Vector512<float> s = Vector512.Create(row.Inverse);
        Vector512<float> offset = Vector512.Create(meanGradient);
        Vector512<float> slope = Vector512.Create(-meanProduct);
        int d = 0;
        for (; d + Lanes.Count <= width; d += Lanes.Count)
        {
            Vector512<float> normal = (Vector512.Load(x + d) - m) * s;
            Vector512<float> g = (Vector512.Load(dY + d) * Vector512.Load(scale + d)) - offset;
            (Vector512.FusedMultiplyAdd(normal, slope, g) * s).Store(dX + d);
        }

        for (; d < width; d++)
        {
            float normal = (x[d] - row.Mean) * row.Inverse;
            dX[d] = ((dY[d] * scale[d]) - meanGradient - (normal * meanProduct)) * row.Inverse;
        }
    }
}
