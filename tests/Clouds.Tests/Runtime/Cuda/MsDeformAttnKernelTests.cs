using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Cuda;

[Collection(EmulatedDriverCollection.Name)]
public unsafe class MsDeformAttnKernelTests
{
    [NvrtcTheory]
    [InlineData(1, 2, 32, 40, 4)]
    [InlineData(2, 3, 8, 17, 3)]
    [InlineData(1, 1, 16, 9, 1)]
    [InlineData(1, 2, 64, 11, 15)]
    public void ForwardAndBackward_EqualTheTwin_WithTheSameBitsInEverySchedule(int batch, int heads, int width, int queries, int points)
    {
        int[] levels = [6, 7, 3, 4, 2, 1];
        MsDeformAttnPlan plan = new(levels, batch, 56, heads, width, queries, points);
        Case data = new(plan);
        Results first = Run(plan, levels, data, 1);

        // Other orders of summation over 4·L·P products: a few float roundings of the largest term.
        Near.All(data.Output.Values, first.Output, 1e-6);
        Near.All(data.DValue.Values, first.DValue, 2e-6);
        Near.All(data.DLocations.Values, first.DLocations, 2e-6);
        Near.All(data.DWeights.Values, first.DWeights, 2e-6);
        for (ulong seed = 2; seed <= 20; seed++)
        {
            Results again = Run(plan, levels, data, seed);
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
        int[] levels = [6, 7, 3, 4, 2, 1];
        MsDeformAttnPlan plan = new(levels, 1, 56, 2, 32, 40, 4);
        Case data = new(plan, scale);
        Near.All(data.DValue.Values.Select(value => (double)value / scale).ToArray(), [.. Run(plan, levels, data, 3).DValue.Select(value => value / scale)], 2e-6);
    }

    [NvrtcFact]
    public void Backward_GradientNotFinite_IsNotHidden()
    {
        int[] levels = [6, 7, 3, 4, 2, 1];
        MsDeformAttnPlan plan = new(levels, 1, 56, 2, 32, 40, 4);
        Case data = new(plan);
        data.DOutput.Values[5] = float.PositiveInfinity;
        Assert.All(Run(plan, levels, data, 3).DValue, value => Assert.True(float.IsNaN(value)));
    }

    private static Results Run(MsDeformAttnPlan plan, int[] levels, Case data, ulong seed)
    {
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
        using CudaMsDeformAttn attention = new(gpu.Kernels, gpu.Stream, plan, levels);
        using DeviceBuffer<float> value = gpu.Upload<float>(data.Value.Values);
        using DeviceBuffer<float> locations = gpu.Upload<float>(data.Locations.Values);
        using DeviceBuffer<float> weights = gpu.Upload<float>(data.Weights.Values);
        using DeviceBuffer<float> dOutput = gpu.Upload<float>(data.DOutput.Values);
        using DeviceBuffer<float> output = gpu.Context.Allocate<float>(dOutput.Length);
        using DeviceBuffer<float> dValue = gpu.Context.Allocate<float>(value.Length);
        using DeviceBuffer<float> dLocations = gpu.Context.Allocate<float>(locations.Length);
        using DeviceBuffer<float> dWeights = gpu.Context.Allocate<float>(weights.Length);
        using DeviceBuffer<long> sums = gpu.Context.Allocate<long>(value.Length);
        DeviceAttention inputs = new() { Value = value.Span, Locations = locations.Span, Weights = weights.Span };
        DeviceAttention gradients = new() { Value = dValue.Span, Locations = dLocations.Span, Weights = dWeights.Span };
        attention.Forward(gpu.Stream, inputs, output.Span);
        attention.Backward(gpu.Stream, inputs, dOutput.Span, gradients, sums.Span);
        return new Results(gpu.Download(output), gpu.Download(dValue), gpu.Download(dLocations), gpu.Download(dWeights));
    }

    private sealed record Results(float[] Output, float[] DValue, float[] DLocations, float[] DWeights);

    private sealed class Case
    {
        public Case(MsDeformAttnPlan plan, float scale = 1)
        {
            int samples = plan.Batch * plan.Queries * plan.Heads * plan.Samples;
            Value = Pinned.Normal(plan.Batch * plan.Tokens * plan.Heads * plan.Width, 1);
            Locations = Pinned.Uniform(2 * samples, 2, -0.2, 1.2);
            Weights = Pinned.Uniform(samples, 3, 0, 1.0 / plan.Samples);
            DOutput = Pinned.Normal(plan.Batch * plan.Queries * plan.Heads * plan.Width, 4, scale);
            (Output, DValue, DLocations, DWeights) = (new(DOutput.Values.Length), new(Value.Values.Length), new(Locations.Values.Length), new(samples));
            MsDeformAttn.Forward(plan, Value.Pointer, Locations.Pointer, Weights.Pointer, Output.Pointer, 0, plan.Batch * plan.Heads);
            MsDeformAttn.Backward(plan, DOutput.Pointer, Value.Pointer, Locations.Pointer, Weights.Pointer, DValue.Pointer, DLocations.Pointer, DWeights.Pointer, 0, plan.Batch * plan.Heads);
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
