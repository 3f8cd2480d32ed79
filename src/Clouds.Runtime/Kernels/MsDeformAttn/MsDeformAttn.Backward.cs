using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

public static unsafe partial class MsDeformAttn
{
    /// <summary>
    /// Gradients of value, locations and weights, all overwritten. A unit owns its head's slices, so no two threads write one place
    /// and the sums run in query order whatever the split.
    /// </summary>
    /// <exception cref="ArgumentException">A length is not the plan's, or the units lie outside; nothing has been written.</exception>
    public static void Backward(
        MsDeformAttnPlan plan, HostSpan<float> dOutput, HostSpan<float> value, HostSpan<float> locations, HostSpan<float> weights,
        HostSpan<float> dValue, HostSpan<float> dLocations, HostSpan<float> dWeights, int from, int to)
    {
        KernelCheck.Range(from, to, plan.Units, "units");
        Backward(
            plan, dOutput.Pointer(plan.OutputCount, "gradient of the output", "B·Q·M·D"), value.Pointer(plan.ValueCount, "value", "B·S·M·D"),
            locations.Pointer(2 * plan.WeightCount, "locations", "B·Q·M·L·P·2"), weights.Pointer(plan.WeightCount, "weights", "B·Q·M·L·P"),
            dValue.Pointer(plan.ValueCount, "gradient of the value", "B·S·M·D"),
            dLocations.Pointer(2 * plan.WeightCount, "gradient of the locations", "B·Q·M·L·P·2"),
            dWeights.Pointer(plan.WeightCount, "gradient of the weights", "B·Q·M·L·P"), from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Backward(
        MsDeformAttnPlan plan, float* dOutput, float* value, float* locations,
        float* weights, float* dValue, float* dLocations, float* dWeights, int from, int to)
    {
        long slice = (long)plan.Tokens * plan.PaddedWidth;
        float* packed = Scratch.Floats((2 * slice) + plan.PaddedWidth + MsDeformAttnTaps.Floats(plan) + Lanes.Count);
        float* packedGradient = packed + slice;
        float* row = packedGradient + slice;
        MsDeformAttnTaps taps = new(row + plan.PaddedWidth, plan);
        for (int unit = from; unit < to; unit++)
        {
            (int b, int m) = (unit / plan.Heads, unit % plan.Heads);
            Pack(plan, value + Token(plan, b, 0, m), packed);
            Clear(packedGradient, slice);
            for (int q = 0; q < plan.Queries; q += MsDeformAttnPlan.BlockQueries)
            {
                int count = Math.Min(MsDeformAttnPlan.BlockQueries, plan.Queries - q);
                long sample = Sample(plan, b, q, m);
                taps.Fill(plan, locations + (2 * sample), weights + sample, count);
                for (int i = 0; i < count; i++)
                {
                    PadRow(plan, dOutput + Row(plan, b, q + i, m), row);
                    QueryBackward(plan, taps, packed, packedGradient, i * plan.Samples, row);
                }

                taps.Gradients(plan, dLocations + (2 * sample), dWeights + sample, count);
            }

            Unpack(plan, packedGradient, dValue + Token(plan, b, 0, m));
        }
    }

    private static void Clear(float* memory, long floats) => NativeMemory.Clear(memory, (nuint)(floats * sizeof(float)));

    private static void PadRow(MsDeformAttnPlan plan, float* source, float* row)
    {
        new ReadOnlySpan<float>(source, plan.Width).CopyTo(new Span<float>(row, plan.Width));
        new Span<float>(row + plan.Width, plan.PaddedWidth - plan.Width).Clear();
    }

    private static void Unpack(MsDeformAttnPlan plan, float* packed, float* value)
    {
        for (int s = 0; s < plan.Tokens; s++, value += (long)plan.Heads * plan.Width, packed += plan.PaddedWidth)
        {
            new ReadOnlySpan<float>(packed, plan.Width).CopyTo(new Span<float>(value, plan.Width));
        }
    }

    private static void QueryBackward(MsDeformAttnPlan plan, MsDeformAttnTaps taps, float* packed, float* gradient, int first, float* row)
    {
        if (plan.PaddedWidth == 2 * Lanes.Count)
        {
            TwoBlocksBackward(taps, packed, gradient, first, plan.Samples, row);
            return;
        }

        for (int i = first; i < first + plan.Samples; i++)
        {
            for (int corner = 0; corner < 4; corner++)
            {
                int offset = taps.Row(corner)[i];
                taps.Dot(corner)[i] = Lanes.Sum(Corner(packed + offset, gradient + offset, taps.Weight(corner)[i], row, plan.PaddedWidth));
            }
        }
    }

    /// <summary>17 to 32 channels, the published head width among them.</summary>
    private static void TwoBlocksBackward(MsDeformAttnTaps taps, float* packed, float* gradient, int first, int samples, float* row)
    {
        Vector512<float> g0 = Vector512.Load(row);
        Vector512<float> g1 = Vector512.Load(row + Lanes.Count);
        float* weight = taps.Weight(0) + first;
        int* offset = taps.Row(0) + first;
        float* dot = taps.Dot(0) + first;
        int stride = taps.Stride;
        for (int i = 0; i < samples; i++, weight++, offset++, dot++)
        {
            int r0 = offset[0];
            int r1 = offset[stride];
            int r2 = offset[2 * stride];
            int r3 = offset[3 * stride];
            Vector512<float> d0 = Corner(packed + r0, gradient + r0, weight[0], g0, g1);
            Vector512<float> d1 = Corner(packed + r1, gradient + r1, weight[stride], g0, g1);
            Vector512<float> d2 = Corner(packed + r2, gradient + r2, weight[2 * stride], g0, g1);
            Vector512<float> d3 = Corner(packed + r3, gradient + r3, weight[3 * stride], g0, g1);
            Vector128<float> dots = Lanes.Sum(d0, d1, d2, d3);
            dot[0] = dots.GetElement(0);
            dot[stride] = dots.GetElement(1);
            dot[2 * stride] = dots.GetElement(2);
            dot[3 * stride] = dots.GetElement(3);
        }
    }

    /// <summary>Adds the weighted output gradient to the corner's row and returns the lanes of their dot product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Corner(float* value, float* gradient, float weight, Vector512<float> g0, Vector512<float> g1)
    {
        Vector512<float> w = Vector512.Create(weight);
        Vector512.FusedMultiplyAdd(w, g0, Vector512.Load(gradient)).Store(gradient);
        Vector512.FusedMultiplyAdd(w, g1, Vector512.Load(gradient + Lanes.Count)).Store(gradient + Lanes.Count);
        return Vector512.FusedMultiplyAdd(g1, Vector512.Load(value + Lanes.Count), g0 * Vector512.Load(value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Corner(float* value, float* gradient, float weight, float* row, int width)
    {
        Vector512<float> w = Vector512.Create(weight);
        Vector512<float> sum = default;
        for (int d = 0; d < width; d += Lanes.Count)
        {
            Vector512<float> g = Vector512.Load(row + d);
            Vector512.FusedMultiplyAdd(w, g, Vector512.Load(gradient + d)).Store(gradient + d);
            sum = Vector512.FusedMultiplyAdd(g, Vector512.Load(value + d), sum);
        }

        return sum;
    }
}
