using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Multi-scale deformable attention on the CPU (Deformable DETR; method.md section 1.3, kernels.md section 6).
/// value [B, S, M, D], locations [B, Q, M, L, P, 2] as (x, y) in 0..1, weights [B, Q, M, L, P], output [B, Q, M·D].
/// A location's pixel is p·size − 0.5; corners outside a level count as zero.
/// </summary>
/// <remarks>
/// A unit of work is one head of one batch item. Its value slice is copied into a packed [S, D] scratch first: in place,
/// rows lie M·D floats apart and would use one eighth of the cache's sets.
/// </remarks>
public static unsafe partial class MsDeformAttn
{
    /// <summary>Samples and sums; units from..to of <see cref="MsDeformAttnPlan.Units"/>, whose part of the output is overwritten.</summary>
    /// <exception cref="ArgumentException">A length is not the plan's, or the units lie outside; nothing has been written.</exception>
    public static void Forward(
        MsDeformAttnPlan plan, HostSpan<float> value, HostSpan<float> locations, HostSpan<float> weights, HostSpan<float> output, int from, int to)
    {
        KernelCheck.Range(from, to, plan.Units, "units");
        Forward(
            plan, value.Pointer(plan.ValueCount, "value", "B·S·M·D"), locations.Pointer(2 * plan.WeightCount, "locations", "B·Q·M·L·P·2"),
            weights.Pointer(plan.WeightCount, "weights", "B·Q·M·L·P"), output.Pointer(plan.OutputCount, "output", "B·Q·M·D"), from, to);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forward(MsDeformAttnPlan plan, float* value, float* locations, float* weights, float* output, int from, int to)
    {
        long slice = (long)plan.Tokens * plan.PaddedWidth;
        float* packed = Scratch.Floats(slice + MsDeformAttnTaps.Floats(plan) + Lanes.Count);
        MsDeformAttnTaps taps = new(packed + slice, plan);
        for (int unit = from; unit < to; unit++)
        {
            (int b, int m) = (unit / plan.Heads, unit % plan.Heads);
            Pack(plan, value + Token(plan, b, 0, m), packed);
            for (int q = 0; q < plan.Queries; q += MsDeformAttnPlan.BlockQueries)
            {
                int count = Math.Min(MsDeformAttnPlan.BlockQueries, plan.Queries - q);
                long sample = Sample(plan, b, q, m);
                taps.Fill(plan, locations + (2 * sample), weights + sample, count);
                for (int i = 0; i < count; i++)
                {
                    Query(plan, taps, packed, i * plan.Samples, output + Row(plan, b, q + i, m));
                }
            }
        }
    }

    /// <summary>First float of token s of head m in [B, S, M, D].</summary>
    private static long Token(MsDeformAttnPlan plan, int b, int s, int m) => ((((long)b * plan.Tokens) + s) * plan.Heads * plan.Width) + ((long)m * plan.Width);

    /// <summary>First float of query q of head m in [B, Q, M·D].</summary>
    private static long Row(MsDeformAttnPlan plan, int b, int q, int m) => ((((long)b * plan.Queries) + q) * plan.Heads * plan.Width) + ((long)m * plan.Width);

    /// <summary>First sample of query q of head m in [B, Q, M, L, P].</summary>
    private static long Sample(MsDeformAttnPlan plan, int b, int q, int m)
        => ((((long)b * plan.Queries) + q) * plan.Heads * plan.Samples) + ((long)m * plan.Samples);

    private static void Pack(MsDeformAttnPlan plan, float* value, float* packed)
    {
        int padding = plan.PaddedWidth - plan.Width;
        for (int s = 0; s < plan.Tokens; s++, value += (long)plan.Heads * plan.Width, packed += plan.PaddedWidth)
        {
            new ReadOnlySpan<float>(value, plan.Width).CopyTo(new Span<float>(packed, plan.Width));
            new Span<float>(packed + plan.Width, padding).Clear();
        }
    }

    private static void Query(MsDeformAttnPlan plan, MsDeformAttnTaps taps, float* packed, int first, float* output)
    {
        int d = 0;
        for (; d + (2 * Lanes.Count) <= plan.Width; d += 2 * Lanes.Count)
        {
            TwoBlocks(taps, packed + d, first, plan.Samples, output + d);
        }

        for (; d < plan.Width; d += Lanes.Count)
        {
            Vector512<float> sum = OneBlock(taps, packed + d, first, plan.Samples);
            if (d + Lanes.Count <= plan.Width)
            {
                sum.Store(output + d);
            }
            else
            {
                MemoryMarshal.CreateReadOnlySpan(ref *(float*)&sum, plan.Width - d).CopyTo(new Span<float>(output + d, plan.Width - d));
            }
        }
    }

    /// <summary>32 channels: one chain of additions a corner hides the latency.</summary>
    private static void TwoBlocks(MsDeformAttnTaps taps, float* packed, int first, int samples, float* output)
    {
        float* w0 = taps.Weight(0);
        float* w1 = taps.Weight(1);
        float* w2 = taps.Weight(2);
        float* w3 = taps.Weight(3);
        int* r0 = taps.Row(0);
        int* r1 = taps.Row(1);
        int* r2 = taps.Row(2);
        int* r3 = taps.Row(3);
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default;
        for (int i = first; i < first + samples; i++)
        {
            Vector512<float> w = Vector512.Create(w0[i]);
            a0 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r0[i]), a0);
            b0 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r0[i] + Lanes.Count), b0);
            w = Vector512.Create(w1[i]);
            a1 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r1[i]), a1);
            b1 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r1[i] + Lanes.Count), b1);
            w = Vector512.Create(w2[i]);
            a2 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r2[i]), a2);
            b2 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r2[i] + Lanes.Count), b2);
            w = Vector512.Create(w3[i]);
            a3 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r3[i]), a3);
            b3 = Vector512.FusedMultiplyAdd(w, Vector512.Load(packed + r3[i] + Lanes.Count), b3);
        }

        ((a0 + a1) + (a2 + a3)).Store(output);
        ((b0 + b1) + (b2 + b3)).Store(output + Lanes.Count);
    }

    private static Vector512<float> OneBlock(MsDeformAttnTaps taps, float* packed, int first, int samples)
    {
        float* w0 = taps.Weight(0);
        float* w1 = taps.Weight(1);
        float* w2 = taps.Weight(2);
        float* w3 = taps.Weight(3);
        int* r0 = taps.Row(0);
        int* r1 = taps.Row(1);
        int* r2 = taps.Row(2);
        int* r3 = taps.Row(3);
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        for (int i = first; i < first + samples; i++)
        {
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(w0[i]), Vector512.Load(packed + r0[i]), a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(w1[i]), Vector512.Load(packed + r1[i]), a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(w2[i]), Vector512.Load(packed + r2[i]), a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(w3[i]), Vector512.Load(packed + r3[i]), a3);
        }

        return (a0 + a1) + (a2 + a3);
    }
}
