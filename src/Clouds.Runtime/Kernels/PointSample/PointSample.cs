using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Bilinear samples at points (PointRend's point_sample; method.md section 2.3): input [N, C, H, W], points [N, P, 2] as (x, y) in 0..1,
/// output [N, C, P]. A point's pixel is p·size − 0.5; outside the map is zero.
/// </summary>
/// <remarks>A unit of work is one plane (n, c). Planes of one image share the points, whose corners are then worked out once.</remarks>
public static unsafe class PointSample
{
    private const int BlockPoints = 256;

    /// <summary>Bytes of planes that are sampled together: more would not stay in a second-level cache from one block of points to the next.</summary>
    private const int GroupBytes = 512 * 1024;

    /// <summary>Samples the planes from..to of N·C.</summary>
    /// <typeparam name="T">float or byte; bytes are sampled as 0..255.</typeparam>
    /// <param name="shape">Sizes.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="points">[N, P, 2].</param>
    /// <param name="output">[N, C, P]; the planes' samples are overwritten.</param>
    /// <param name="from">First plane.</param>
    /// <param name="to">Plane behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the planes lie outside; nothing has been written.</exception>
    public static void Forward<T>(PointSampleShape shape, HostSpan<T> input, HostSpan<float> points, HostSpan<float> output, int from, int to)
        where T : unmanaged
    {
        KernelCheck.Range(from, to, shape.Planes, "planes");
        Forward(
            input.Pointer(shape.Inputs, "input", "N·C·H·W"), points.Pointer(shape.Coordinates, "points", "N·P·2"),
            output.Pointer(shape.Outputs, "output", "N·C·P"), shape.Channels, shape.Height, shape.Width, shape.Points, from, to);
    }

    /// <summary>Gradient of the input for the planes from..to, overwritten; contributions are added in point order.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dOutput">[N, C, P].</param>
    /// <param name="points">[N, P, 2].</param>
    /// <param name="dInput">[N, C, H, W]; the planes are overwritten.</param>
    /// <param name="from">First plane.</param>
    /// <param name="to">Plane behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the planes lie outside; nothing has been written.</exception>
    public static void Backward(PointSampleShape shape, HostSpan<float> dOutput, HostSpan<float> points, HostSpan<float> dInput, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Planes, "planes");
        Backward(
            dOutput.Pointer(shape.Outputs, "gradient of the output", "N·C·P"), points.Pointer(shape.Coordinates, "points", "N·P·2"),
            dInput.Pointer(shape.Inputs, "gradient of the input", "N·C·H·W"), shape.Channels, shape.Height, shape.Width, shape.Points, from, to);
    }

    /// <summary>The same without a check, for twins that have checked their own arguments.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Forward<T>(T* input, float* points, float* output, int channels, int height, int width, int count, int from, int to)
        where T : unmanaged
    {
        CornerTable table;
        for (int plane = from; plane < to;)
        {
            int image = plane / channels;
            int end = GroupEnd(plane, to, image, channels, (long)height * width * sizeof(T));
            Prefetch((byte*)(input + ((long)plane * height * width)), (long)(end - plane) * height * width * sizeof(T), (long)count * (end - plane));
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Backward(float* dOutput, float* points, float* dInput, int channels, int height, int width, int count, int from, int to)
    {
        CornerTable table;
        for (int plane = from; plane < to;)
        {
            int image = plane / channels;
            int end = GroupEnd(plane, to, image, channels, (long)height * width * sizeof(float));
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

    /// <summary>Planes of one image that fit the cache together.</summary>
    internal static int GroupEnd(int plane, int to, int image, int channels, long planeBytes)
    {
        int group = (int)Math.Max(1, GroupBytes / planeBytes);
        return Math.Min(Math.Min(to, plane + group), (image + 1) * channels);
    }

    /// <summary>Calls the group into the cache in order where most of it will be read: random first reads would each wait for memory.</summary>
    private static void Prefetch(byte* planes, long bytes, long samples)
    {
        const int Line = 64;
        if (Sse.IsSupported && samples * Line > bytes && bytes <= 2 * GroupBytes)
        {
            for (long i = 0; i < bytes; i += Line)
            {
                Sse.Prefetch1(planes + i);
            }
        }
    }

    // Compiled in full at once: one image must not run in the slow first tier.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
            int i = 0;
            for (; i + Lanes.Count <= count; i += Lanes.Count)
            {
                FillSixteen(points + (2 * i), i, height, width);
            }

            for (; i < count; i++)
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

        private void FillSixteen(float* points, int i, int height, int width)
        {
            Vector512<float> low = Vector512.Load(points);
            Vector512<float> high = Vector512.Load(points + Lanes.Count);
            Vector512<int> even = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14);
            Vector512<int> odd = even + Vector512<int>.One;
            Vector512<float> x = Vector512.Create(Vector512.Shuffle(low, even).GetLower(), Vector512.Shuffle(high, even).GetLower());
            Vector512<float> y = Vector512.Create(Vector512.Shuffle(low, odd).GetLower(), Vector512.Shuffle(high, odd).GetLower());
            (Vector512<int> x0, Vector512<int> x1, Vector512<float> wx0, Vector512<float> wx1) = Axis(x, width);
            (Vector512<int> y0, Vector512<int> y1, Vector512<float> wy0, Vector512<float> wy1) = Axis(y, height);
            Vector512.StoreUnsafe(wy0 * wx0, ref W00[i]);
            Vector512.StoreUnsafe(wy0 * wx1, ref W01[i]);
            Vector512.StoreUnsafe(wy1 * wx0, ref W10[i]);
            Vector512.StoreUnsafe(wy1 * wx1, ref W11[i]);
            Vector512<int> pitch = Vector512.Create(width);
            Vector512.StoreUnsafe((y0 * pitch) + x0, ref Upper[i]);
            Vector512.StoreUnsafe((y1 * pitch) + x0, ref Lower[i]);
            Vector512.StoreUnsafe(x1 - x0, ref Right[i]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (Vector512<int> First, Vector512<int> Second, Vector512<float> W0, Vector512<float> W1) Axis(Vector512<float> location, int size)
        {
            Vector512<float> pixel = (location * size) - Vector512.Create(0.5f);
            Vector512<float> floor = Vector512.Floor(pixel);
            Vector512<float> fraction = pixel - floor;
            Vector512<float> last = Vector512.Create(size - 1f);
            Vector512<float> inside0 = Vector512.GreaterThanOrEqual(floor, Vector512<float>.Zero) & Vector512.LessThanOrEqual(floor, last);
            Vector512<float> inside1 = Vector512.GreaterThanOrEqual(floor, -Vector512<float>.One) & Vector512.LessThan(floor, last);
            Vector512<int> first = Vector512.ConvertToInt32(floor & inside0);
            Vector512<int> second =
                Vector512.ConvertToInt32(Vector512.ConditionalSelect(inside1, floor + Vector512<float>.One, Vector512.ConvertToSingle(first)));
            return (first, second, (Vector512<float>.One - fraction) & inside0, fraction & inside1);
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
