using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Convolution of each channel by itself: x [N, C, H, W], weight [C, 1, k, k], bias [C], stride 1, padded by k / 2; and its gradients. Results are added up tap
/// by tap, gradients of weights image by image, in one order whatever the ranges. Right on any processor, fast with AVX-512.
/// </summary>
public static unsafe class DepthwiseConv
{
    /// <summary>The planes from..to of y.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[C, 1, k, k].</param>
    /// <param name="bias">[C].</param>
    /// <param name="y">[N, C, H, W]; the planes are overwritten.</param>
    /// <param name="from">First plane of N·C.</param>
    /// <param name="to">Plane behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the planes lie outside; nothing has been written.</exception>
    public static void Forward(
        DepthwiseShape shape, HostSpan<float> x, HostSpan<float> weight, HostSpan<float> bias, HostSpan<float> y, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Planes, "planes");
        Forward(
            x.Pointer(shape.Elements, "x", "N·C·H·W"), weight.Pointer(shape.Weights, "weight", "C·k²"), bias.Pointer(shape.Channels, "bias", "C"),
            y.Pointer(shape.Elements, "y", "N·C·H·W"), shape, from, to);
    }

    /// <summary>Gradients in the channels from..to of all images.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">[N, C, H, W].</param>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[C, 1, k, k].</param>
    /// <param name="dX">[N, C, H, W]; the channels are overwritten.</param>
    /// <param name="dWeight">[C, 1, k, k]; likewise.</param>
    /// <param name="dBias">[C]; likewise.</param>
    /// <param name="from">First channel.</param>
    /// <param name="to">Channel behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the channels lie outside; nothing has been written.</exception>
    public static void Backward(
        DepthwiseShape shape, HostSpan<float> dY, HostSpan<float> x, HostSpan<float> weight, HostSpan<float> dX, HostSpan<float> dWeight,
        HostSpan<float> dBias, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Channels, "channels");
        Backward(
            dY.Pointer(shape.Elements, "gradient of y", "N·C·H·W"), x.Pointer(shape.Elements, "x", "N·C·H·W"),
            weight.Pointer(shape.Weights, "weight", "C·k²"), dX.Pointer(shape.Elements, "gradient of x", "N·C·H·W"),
            dWeight.Pointer(shape.Weights, "gradient of the weight", "C·k²"), dBias.Pointer(shape.Channels, "gradient of the bias", "C"), shape, from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forward(float* x, float* weight, float* bias, float* y, DepthwiseShape shape, int from, int to)
    {
        float* plane = Zeros(shape.PlaneFloats + shape.Run);
        float* result = plane + shape.PlaneFloats;
        int* shifts = stackalloc int[shape.Taps];
        Shifts(shape, shifts);
        for (int i = from; i < to; i++)
        {
            int channel = i % shape.Channels;
            Spread(x + ((long)i * shape.Pixels), plane, shape);
            DepthwiseTaps.Correlate(plane, weight + ((long)channel * shape.Taps), shifts, shape.Taps, bias[channel], result, shape.Run);
            Gather(result, y + ((long)i * shape.Pixels), shape);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Backward(float* dY, float* x, float* weight, float* dX, float* dWeight, float* dBias, DepthwiseShape shape, int from, int to)
    {
        int sums = DepthwiseTaps.SumFloats(shape.Taps);
        float* plane = Zeros((2L * shape.PlaneFloats) + shape.Run + sums + Lanes.Count);
        float* upstream = plane + shape.PlaneFloats, result = upstream + shape.PlaneFloats;
        float* sum = result + shape.Run, total = sum + sums;
        int* shifts = stackalloc int[shape.Taps];
        float* turned = stackalloc float[shape.Taps];
        Shifts(shape, shifts);
        for (int channel = from; channel < to; channel++)
        {
            Turn(weight + ((long)channel * shape.Taps), turned, shape.Taps);
            new Span<float>(sum, sums + Lanes.Count).Clear();
            for (int image = 0; image < shape.Images; image++)
            {
                long at = (((long)image * shape.Channels) + channel) * shape.Pixels;
                Spread(x + at, plane, shape);
                Spread(dY + at, upstream, shape);
                DepthwiseTaps.AddProducts(plane, upstream + shape.Origin, shifts, shape.Taps, shape.Run, sum);
                DepthwiseTaps.Add(upstream + shape.Origin, shape.Run, total);
                DepthwiseTaps.Correlate(upstream, turned, shifts, shape.Taps, 0, result, shape.Run);
                Gather(result, dX + at, shape);
            }

            DepthwiseTaps.Total(sum, shape.Taps, dWeight + ((long)channel * shape.Taps));
            DepthwiseTaps.Total(total, 1, dBias + channel);
        }
    }

    private static float* Zeros(long count)
    {
        float* memory = Scratch.Floats(count);
        new Span<float>(memory, checked((int)count)).Clear();
        return memory;
    }

    private static void Shifts(DepthwiseShape shape, int* shifts)
    {
        for (int tap = 0; tap < shape.Taps; tap++)
        {
            shifts[tap] = shape.Shift(tap);
        }
    }

    // The gradient of x is the convolution of dY with the weight turned around.
    private static void Turn(float* weight, float* turned, int taps)
    {
        for (int tap = 0; tap < taps; tap++)
        {
            turned[tap] = weight[taps - 1 - tap];
        }
    }

    private static void Spread(float* rows, float* plane, DepthwiseShape shape)
    {
        for (int y = 0; y < shape.Height; y++)
        {
            Unsafe.CopyBlock(plane + shape.Origin + (y * shape.Stride), rows + (y * shape.Width), (uint)(shape.Width * sizeof(float)));
        }
    }

    private static void Gather(float* result, float* rows, DepthwiseShape shape)
    {
        for (int y = 0; y < shape.Height; y++)
        {
            Unsafe.CopyBlock(rows + (y * shape.Width), result + (y * shape.Stride), (uint)(shape.Width * sizeof(float)));
        }
    }
}
