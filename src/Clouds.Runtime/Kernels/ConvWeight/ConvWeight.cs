using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Gradient of the weight of a 3 x 3 convolution of stride 1, padded by 1: dWeight [O, I, 3, 3] from dY [N, O, H, W] and x [N, I, H, W], without columns.
/// Planes are laid out with their edges, then products are added up in registers, along the pixels, in one order whatever the ranges. Right on any
/// processor, fast with AVX-512.
/// </summary>
public static unsafe class ConvWeight
{
    /// <summary>Lays out the channels from..to of x.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="x">[N, I, H, W].</param>
    /// <param name="spread"><see cref="ConvWeightShape.SpreadInputs"/>; the channels are overwritten.</param>
    /// <param name="from">First channel.</param>
    /// <param name="to">Channel behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the channels lie outside; nothing has been written.</exception>
    public static void SpreadInputs(ConvWeightShape shape, HostSpan<float> x, HostSpan<float> spread, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Inputs, "channels");
        float* planes = x.Pointer(shape.InputElements, "x", "N·I·H·W");
        Spread(shape, planes, shape.Inputs, spread.Pointer(shape.SpreadInputs, "spread x", "channels"), shape.InputFloats, shape.Origin, from, to);
    }

    /// <summary>Lays out the channels from..to of the gradient of y; otherwise as <see cref="SpreadInputs"/>.</summary>
    public static void SpreadOutputs(ConvWeightShape shape, HostSpan<float> dY, HostSpan<float> spread, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Outputs, "channels");
        float* planes = dY.Pointer(shape.OutputElements, "gradient of y", "N·O·H·W");
        Spread(shape, planes, shape.Outputs, spread.Pointer(shape.SpreadOutputs, "spread gradient", "channels"), shape.Run, 0, from, to);
    }

    /// <summary>The gradient for the groups from..to of outputs.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">As <see cref="SpreadOutputs"/> lays it out.</param>
    /// <param name="x">As <see cref="SpreadInputs"/> lays it out.</param>
    /// <param name="dWeight">[O, I, 3, 3]; the groups are overwritten.</param>
    /// <param name="from">First group.</param>
    /// <param name="to">Group behind the last.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the groups lie outside; nothing has been written.</exception>
    public static void Add(ConvWeightShape shape, HostSpan<float> dY, HostSpan<float> x, HostSpan<float> dWeight, int from, int to)
    {
        KernelCheck.Range(from, to, shape.Groups, "groups");
        Add(
            dY.Pointer(shape.SpreadOutputs, "spread gradient", "channels"), x.Pointer(shape.SpreadInputs, "spread x", "channels"),
            dWeight.Pointer(shape.Weights, "gradient of the weight", "O·I·9"), shape, from, to);
    }

    private static void Spread(ConvWeightShape shape, float* planes, int channels, float* spread, int floats, int origin, int from, int to)
    {
        for (int channel = from; channel < to; channel++)
        {
            float* target = spread + ((long)channel * floats);
            new Span<float>(target, floats).Clear();
            for (int image = 0; image < shape.Images; image++)
            {
                float* rows = planes + ((((long)image * channels) + channel) * shape.Pixels);
                for (int y = 0; y < shape.Height; y++)
                {
                    float* row = target + origin + ((long)image * shape.ImageFloats) + (y * shape.Stride);
                    Unsafe.CopyBlock(row, rows + ((long)y * shape.Width), (uint)(shape.Width * sizeof(float)));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(float* dY, float* x, float* dWeight, ConvWeightShape shape, int from, int to)
    {
        int inputs = shape.Inputs * ConvWeightShape.Taps;
        (int first, int last) = (from * ConvWeightShape.OutputsAtOnce, Math.Min(shape.Outputs, to * ConvWeightShape.OutputsAtOnce));
        new Span<float>(dWeight + ((long)first * inputs), (last - first) * inputs).Clear();
        for (int at = 0; at < shape.Run; at += ConvWeightShape.FloatsAtOnce)
        {
            int length = Math.Min(ConvWeightShape.FloatsAtOnce, shape.Run - at);
            for (int group = from; group < to; group += ConvWeightShape.GroupsAtOnce)
            {
                int end = Math.Min(to, group + ConvWeightShape.GroupsAtOnce);
                for (int input = 0; input < shape.Inputs; input++)
                {
                    Part part = new(shape, dY + at, x + ((long)input * shape.InputFloats) + at, length, dWeight + (input * ConvWeightShape.Taps));
                    part.Add(group, end);
                }
            }
        }
    }

    // A part of one channel of x against groups of outputs.
    private readonly struct Part(ConvWeightShape shape, float* dY, float* x, int length, float* dWeight)
    {
        public void Add(int from, int to)
        {
            float* sums = stackalloc float[ConvWeightTile.SumFloats];
            for (int group = from; group < to; group++)
            {
                // Outputs behind the last repeat it; nobody reads their sums.
                int output = group * ConvWeightShape.OutputsAtOnce;
                (long second, long third) = (Math.Min(output + 1, shape.Outputs - 1), Math.Min(output + 2, shape.Outputs - 1));
                ConvWeightTile.Sum(dY + ((long)output * shape.Run), dY + (second * shape.Run), dY + (third * shape.Run), x, shape.Stride, length, sums);
                for (int i = 0; i < ConvWeightShape.OutputsAtOnce && output + i < shape.Outputs; i++)
                {
                    float* target = dWeight + ((long)(output + i) * shape.Inputs * ConvWeightShape.Taps);
                    for (int tap = 0; tap < ConvWeightShape.Taps; tap++)
                    {
                        target[tap] += sums[(i * ConvWeightShape.Taps) + tap];
                    }
                }
            }
        }
    }
}
