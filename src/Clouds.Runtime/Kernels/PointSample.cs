using System.Runtime.CompilerServices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Bilinear samples at points (PointRend's point_sample; method.md section 2.3): input [N, C, H, W], points [N, P, 2] as (x, y) in 0..1,
/// output [N, C, P]. A point's pixel is p·size − 0.5; outside the map is zero.
/// </summary>
/// <remarks>A unit of work is one plane (n, c). Planes of one image share the points, whose corners are then worked out once.</remarks>
internal static unsafe class PointSample
{
    private const int BlockPoints = 256;

    /// <summary>Samples the planes from..to of N·C.</summary>
    /// <typeparam name="T">float or byte; bytes are sampled as 0..255.</typeparam>
    public static void Forward<T>(T* input, float* points, float* output, int channels, int height, int width, int count, int from, int to)
        where T : unmanaged
    {
        CornerTable table;
        for (int plane = from; plane < to;)
        {
            int image = plane / channels;
            int end = Math.Min(to, (image + 1) * channels);
            for (int p = 0; p < count; p += BlockPoints)
            {
                int block = Math.Min(BlockPoints, count - p);
                table.Fill(points + (2 * (((long)image * count) + p)), block, height, width);
                for (int c = plane; c < end; c++)
                {
                    Gather(input + ((long)c * height * width), &table, output + ((long)c * count) + p, block);
                }
            }

            plane = end;
        }
    }

    /// <summary>Gradient of the input for the planes from..to, overwritten; contributions are added in point order.</summary>
    public static void Backward(float* dOutput, float* points, float* dInput, int channels, int height, int width, int count, int from, int to)
    {
        CornerTable table;
        for (int plane = from; plane < to;)
        {
            int image = plane / channels;
            int end = Math.Min(to, (image + 1) * channels);
            for (int c = plane; c < end; c++)
            {
                new Span<float>(dInput + ((long)c * height * width), height * width).Clear();
            }

            for (int p = 0; p < count; p += BlockPoints)
            {
                int block = Math.Min(BlockPoints, count - p);
                table.Fill(points + (2 * (((long)image * count) + p)), block, height, width);
                for (int c = plane; c < end; c++)
                {
                    Scatter(dOutput + ((long)c * count) + p, &table, dInput + ((long)c * height * width), block);
                }
            }

            plane = end;
        }
    }

    private static void Gather<T>(T* plane, CornerTable* table, float* output, int count)
        where T : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            T* upper = plane + table->Upper[i];
            T* lower = plane + table->Lower[i];
            int right = table->Right[i];
            output[i] = (((Value(upper) * table->W00[i]) + (Value(upper + right) * table->W01[i]))
                + (Value(lower) * table->W10[i])) + (Value(lower + right) * table->W11[i]);
        }
    }

    private static void Scatter(float* dOutput, CornerTable* table, float* plane, int count)
    {
        for (int i = 0; i < count; i++)
        {
            float gradient = dOutput[i];
            float* upper = plane + table->Upper[i];
            float* lower = plane + table->Lower[i];
            int right = table->Right[i];
            *upper += gradient * table->W00[i];
            upper[right] += gradient * table->W01[i];
            *lower += gradient * table->W10[i];
            lower[right] += gradient * table->W11[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Value<T>(T* pixel)
        where T : unmanaged
        => typeof(T) == typeof(byte) ? *(byte*)pixel : *(float*)pixel;

    /// <summary>Corner addresses and weights of a block of points; a corner outside has weight zero and a clamped address.</summary>
    private struct CornerTable
    {
        public fixed float W00[BlockPoints];
        public fixed float W01[BlockPoints];
        public fixed float W10[BlockPoints];
        public fixed float W11[BlockPoints];
        public fixed int Upper[BlockPoints];
        public fixed int Lower[BlockPoints];
        public fixed int Right[BlockPoints];

        public void Fill(float* points, int count, int height, int width)
        {
            for (int i = 0; i < count; i++)
            {
                (int x0, int x1, float wx0, float wx1) = Axis(points[2 * i], width);
                (int y0, int y1, float wy0, float wy1) = Axis(points[(2 * i) + 1], height);
                W00[i] = wy0 * wx0;
                W01[i] = wy0 * wx1;
                W10[i] = wy1 * wx0;
                W11[i] = wy1 * wx1;
                Upper[i] = (y0 * width) + x0;
                Lower[i] = (y1 * width) + x0;
                Right[i] = x1 - x0;
            }
        }

        private static (int First, int Second, float W0, float W1) Axis(float location, int size)
        {
            float pixel = (location * size) - 0.5f;
            float floor = MathF.Floor(pixel);
            float fraction = pixel - floor;
            bool inside0 = floor >= 0 && floor <= size - 1;
            bool inside1 = floor >= -1 && floor < size - 1;
            int first = inside0 ? (int)floor : 0;
            int second = inside1 ? (int)floor + 1 : first;
            return (first, second, inside0 ? 1 - fraction : 0, inside1 ? fraction : 0);
        }
    }
}
