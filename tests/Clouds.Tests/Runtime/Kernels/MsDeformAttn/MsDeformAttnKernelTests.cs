using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public unsafe class MsDeformAttnKernelTests
{
    private static readonly int[] Levels = [6, 7, 3, 4, 2, 1];

    [NvrtcTheory]
    [InlineData(1, 2, 32, 40, 4)]
    [InlineData(2, 3, 8, 17, 3)]
    [InlineData(1, 1, 16, 9, 1)]
    [InlineData(1, 2, 64, 11, 15)]
    [InlineData(1, 2, 4, 9, 2)]
    [InlineData(1, 2, 20, 9, 4)]
    [InlineData(1, 1, 100, 5, 3)]
    [InlineData(1, 1, 128, 5, 12)]
    public void ForwardAndBackward_EqualTheTwin_WithTheSameBitsInEverySchedule(int batch, int heads, int width, int queries, int points)
    {
        MsDeformAttnPlan plan = new(Levels, batch, 56, heads, width, queries, points);
        Case data = new(plan);
        Results first = Run(plan, Levels, data, 1);

        // Other orders of summation over 4·L·P products: a few float roundings of the largest term.
        Near.All(data.Output.Values, first.Output, 1e-6);
        Near.All(data.DValue.Values, first.DValue, 2e-6);
        Near.All(data.DLocations.Values, first.DLocations, 2e-6);
        Near.All(data.DWeights.Values, first.DWeights, 2e-6);
        for (ulong seed = 2; seed <= 20; seed++)
        {
            Results again = Run(plan, Levels, data, seed);
            Assert.Equal(first.Output, again.Output);
            Assert.Equal(first.DValue, again.DValue);
            Assert.Equal(first.DLocations, again.DLocations);
            Assert.Equal(first.DWeights, again.DWeights);
        }
    }

    [NvrtcTheory]
    [InlineData(1e-30f)]
    [InlineData(1e30f)]
    public void Backward_GradientsOfAnyScale_KeepTheirDigits(float scale)
    {
        MsDeformAttnPlan plan = new(Levels, 1, 56, 2, 32, 40, 4);
        Case data = new(plan, scale);
        Near.All(data.DValue.Values.Select(value => (double)value / scale).ToArray(),
            [.. Run(plan, Levels, data, 3).DValue.Select(value => value / scale)], 2e-6);
    }

    [NvrtcFact]
    public void Backward_GradientNotFinite_IsNotHidden()
    {
        MsDeformAttnPlan plan = new(Levels, 1, 56, 2, 32, 40, 4);
        Case data = new(plan);
        data.DOutput.Values[5] = float.PositiveInfinity;
        Assert.All(Run(plan, Levels, data, 3).DValue, value => Assert.True(float.IsNaN(value)));
    }

    // Sums of floats in any order: a few roundings of the largest one.
    [NvrtcTheory]
    [InlineData(2, 3, 32, 17, 4)]
    [InlineData(1, 2, 12, 30, 4)]
    public void Backward_ByAtomicSums_EqualsTheTwin(int batch, int heads, int width, int queries, int points)
    {
        MsDeformAttnPlan plan = new(Levels, batch, 56, heads, width, queries, points);
        Case data = new(plan);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            Results found = Run(plan, Levels, data, seed, GradientSum.Atomic);
            Near.All(data.DValue.Values, found.DValue, 2e-6);
            Near.All(data.DLocations.Values, found.DLocations, 2e-6);
            Near.All(data.DWeights.Values, found.DWeights, 2e-6);
        }
    }

    [NvrtcTheory]
    [InlineData(32, 8)]
    [InlineData(4, 12)]
    [InlineData(100, 3)]
    public void HalfInputs_GiveTheBitsOfTheWidenedInputs(int width, int points)
    {
        MsDeformAttnPlan plan = new(Levels, 1, 56, 2, width, 11, points);
        AllTypes<Half>(plan, value => (Half)value, value => (float)value);
        AllTypes<BrainFloat>(plan, value => (BrainFloat)value, value => (float)value);
    }

    [NvrtcFact]
    public void Forward_BoundShifted_IsCaught()
    {
        MsDeformAttnPlan plan = new(Levels, 1, 56, 1, 32, 9, 1);
        using EmulatedGpu gpu = new(mutate: ptx => PtxEdit.Replace(
            ptx, "ms_deform_forward_f32_8", @"setp\.(ge|lt|le|gt)\.u64\s+(%p\d+), (%rd\d+), (%rd\d+);", "setp.$1.u64 $2, 0, 1;"));
        Assert.ThrowsAny<Exception>(
            () => Assert.Equal(new Case(plan).Output.Values.Length, Run(gpu, plan, Levels, new Case(plan), GradientSum.Stable).Output.Length));
        Assert.NotNull(gpu.State.LastFault);
    }

    [NvrtcFact]
    public void Width_ThatNoKernelTakes_IsRefused()
    {
        using EmulatedGpu gpu = new();
        Assert.Throws<ArgumentException>(() => new CudaMsDeformAttn(gpu.Kernels, gpu.Stream, new MsDeformAttnPlan(Levels, 1, 56, 1, 6, 2, 1), Levels));
        Assert.Throws<ArgumentException>(() => new CudaMsDeformAttn(gpu.Kernels, gpu.Stream, new MsDeformAttnPlan(Levels, 1, 56, 1, 132, 2, 1), Levels));
    }

    private static void AllTypes<T>(MsDeformAttnPlan plan, Func<float, T> narrow, Func<T, float> widen)
        where T : unmanaged
    {
        Case data = new(plan, narrow: value => widen(narrow(value)));
        Results expected = Run(plan, Levels, data, 1);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed });
            using CudaMsDeformAttn attention = new(gpu.Kernels, gpu.Stream, plan, Levels);
            using DeviceBuffer<T> value = gpu.Upload<T>([.. data.Value.Values.Select(narrow)]);
            using DeviceBuffer<T> locations = gpu.Upload<T>([.. data.Locations.Values.Select(narrow)]);
            using DeviceBuffer<T> weights = gpu.Upload<T>([.. data.Weights.Values.Select(narrow)]);
            using DeviceBuffer<float> dOutput = gpu.Upload<float>(data.DOutput.Values);
            using DeviceBuffer<float> wide = gpu.Context.Allocate<float>(dOutput.Length);
            using DeviceBuffer<T> same = gpu.Context.Allocate<T>(dOutput.Length);
            using DeviceBuffer<float> dValue = gpu.Context.Allocate<float>(value.Length);
            using DeviceBuffer<float> dLocations = gpu.Context.Allocate<float>(locations.Length);
            using DeviceBuffer<float> dWeights = gpu.Context.Allocate<float>(weights.Length);
            using DeviceBuffer<long> sums = gpu.Context.Allocate<long>(value.Length);
            DeviceAttention<T> inputs = new() { Value = value.Span, Locations = locations.Span, Weights = weights.Span };
            attention.Forward(gpu.Stream, inputs, wide.Span);
            attention.Forward(gpu.Stream, inputs, same.Span);
            attention.Backward(gpu.Stream, inputs, dOutput.Span,
                new DeviceAttention { Value = dValue.Span, Locations = dLocations.Span, Weights = dWeights.Span }, sums.Span, GradientSum.Stable);
            Assert.Equal(expected.Output, gpu.Download(wide));
            Assert.Equal(expected.Output.Select(narrow), gpu.Download(same));
            Assert.Equal(expected.DValue, gpu.Download(dValue));
            Assert.Equal(expected.DLocations, gpu.Download(dLocations));
            Assert.Equal(expected.DWeights, gpu.Download(dWeights));
        }
    }

    private static Results Run(MsDeformAttnPlan plan, int[] levels, Case data, ulong seed, GradientSum sum = GradientSum.Stable)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
        return Run(gpu, plan, levels, data, sum);
    }

    private static Results Run(EmulatedGpu gpu, MsDeformAttnPlan plan, int[] levels, Case data, GradientSum sum)
    {
        using CudaMsDeformAttn attention = new(gpu.Kernels, gpu.Stream, plan, levels);
        using DeviceBuffer<float> value = gpu.Upload<float>(data.Value.Values);
        using DeviceBuffer<float> locations = gpu.Upload<float>(data.Locations.Values);
        using DeviceBuffer<float> weights = gpu.Upload<float>(data.Weights.Values);
        using DeviceBuffer<float> dOutput = gpu.Upload<float>(data.DOutput.Values);
        using DeviceBuffer<float> output = gpu.Context.Allocate<float>(dOutput.Length);
        using DeviceBuffer<float> dValue = gpu.Context.Allocate<float>(value.Length);
        using DeviceBuffer<float> dLocations = gpu.Context.Allocate<float>(locations.Length);
        using DeviceBuffer<float> dWeights = gpu.Context.Allocate<float>(weights.Length);
        using DeviceBuffer<long> sums = gpu.Context.Allocate<long>(sum == GradientSum.Stable ? value.Length : 0);
        DeviceAttention<float> inputs = new() { Value = value.Span, Locations = locations.Span, Weights = weights.Span };
        DeviceAttention gradients = new() { Value = dValue.Span, Locations = dLocations.Span, Weights = dWeights.Span };
        attention.Forward(gpu.Stream, inputs, output.Span);
        attention.Backward(gpu.Stream, inputs, dOutput.Span, gradients, sums.Span, sum);
        return new Results(gpu.Download(output), gpu.Download(dValue), gpu.Download(dLocations), gpu.Download(dWeights));
    }

    private sealed record Results(float[] Output, float[] DValue, float[] DLocations, float[] DWeights);

    private sealed class Case
    {
        public Case(MsDeformAttnPlan plan, float scale = 1, Func<float, float>? narrow = null)
        {
            int samples = plan.Batch * plan.Queries * plan.Heads * plan.Samples;
            Value = Pinned.Normal(plan.Batch * plan.Tokens * plan.Heads * plan.Width, 1);
            Locations = Pinned.Uniform(2 * samples, 2, -0.2, 1.2);
            Weights = Pinned.Uniform(samples, 3, 0, 1.0 / plan.Samples);
            DOutput = Pinned.Normal(plan.Batch * plan.Queries * plan.Heads * plan.Width, 4, scale);
            if (narrow is not null)
            {
                (Value, Locations, Weights) =
                    (new([.. Value.Values.Select(narrow)]), new([.. Locations.Values.Select(narrow)]), new([.. Weights.Values.Select(narrow)]));
            }

            (Output, DValue, DLocations, DWeights) = (new(DOutput.Values.Length), new(Value.Values.Length), new(Locations.Values.Length), new(samples));
            MsDeformAttn.Forward(plan, Value.Span, Locations.Span, Weights.Span, Output.Span, 0, plan.Batch * plan.Heads);
            MsDeformAttn.Backward(plan, DOutput.Span, Value.Span, Locations.Span, Weights.Span,
                DValue.Span, DLocations.Span, DWeights.Span, 0, plan.Batch * plan.Heads);
        }

        public Pinned<float> Value { get; }

        public Pinned<float> Locations { get; }

        public Pinned<float> Weights { get; }

        public Pinned<float> DOutput { get; }

        public Pinned<float> Output { get; }

        public Pinned<float> DValue { get; }

        public Pinned<float> DLocations { get; }

        public Pinned<float> DWeights { get; }
    }
}
