using System.Text.Json;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class MsDeformAttnTests
{
    public static TheoryData<int, int[], int, int, int, int> Shapes => new()
    {
        { 1, [3, 5], 1, 3, 7, 2 },
        { 2, [2, 3, 5, 4], 3, 8, 19, 4 },
        { 1, [1, 1, 7, 2, 3, 3], 2, 16, 33, 1 },
        { 2, [4, 6, 8, 12, 16, 24], 4, 32, 40, 4 },
        { 1, [6, 5], 2, 33, 5, 3 },
        { 1, [3, 4, 6, 8], 1, 50, 17, 5 },
        { 1, [5, 5], 2, 64, 16, 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_AnyShape_EqualsTheDefinition(int batch, int[] levels, int heads, int width, int queries, int points)
    {
        Problem p = new(batch, levels, heads, width, queries, points);
        Pinned<float> output = p.Forward(1);

        // Sums of up to 20 products of order one in float: a few 1e-7 of the largest.
        Near.All(p.Oracle.Forward(), output.Values, 2e-6);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_AnyShape_EqualsTheDefinition(int batch, int[] levels, int heads, int width, int queries, int points)
    {
        Problem p = new(batch, levels, heads, width, queries, points);
        Pinned<float>[] found = p.Backward(1);
        (double[] value, double[] locations, double[] weights) = p.Oracle.Backward(p.DOutput.Values);
        Near.All(value, found[0].Values, 3e-6);
        Near.All(locations, found[1].Values, 3e-6);
        Near.All(weights, found[2].Values, 3e-6);
    }

    [Fact]
    public void Backward_Locations_EqualCentralDifferences()
    {
        Problem p = new(1, [4, 5, 3, 2], 2, 6, 5, 2);
        Pinned<float>[] found = p.Backward(1);
        const float Step = 1f / 1024;
        for (int i = 0; i < p.Locations.Values.Length; i++)
        {
            float at = p.Locations.Values[i];
            int size = i % 2 == 0 ? (i / 4 % 2 == 0 ? 5 : 2) : (i / 4 % 2 == 0 ? 4 : 3);
            if (MathF.Floor(((at - Step) * size) - 0.5f) != MathF.Floor(((at + Step) * size) - 0.5f))
            {
                continue;
            }

            p.Locations.Values[i] = at + Step;
            double up = p.Objective();
            p.Locations.Values[i] = at - Step;
            double down = p.Objective();
            p.Locations.Values[i] = at;

            // The form is linear inside a cell; what is left is the rounding of p · size, 1e-7 / Step.
            Assert.Equal((up - down) / (2 * Step), found[1].Values[i], 2e-2);
        }
    }

    [Fact]
    public void AnySplit_GivesTheSameBits()
    {
        Problem p = new(2, [4, 6, 8, 12], 4, 32, 40, 4);
        Assert.Equal(p.Forward(1).Values, p.Forward(5).Values);
        Pinned<float>[] whole = p.Backward(1);
        Pinned<float>[] parts = p.Backward(7);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(whole[i].Values, parts[i].Values);
        }
    }

    [Theory]
    [InlineData("core_a")]
    [InlineData("core_b")]
    [InlineData("core_one_level")]
    public void GoldenCase_IsReproduced(string name)
    {
        GoldenCase golden = new("msdeform_core/" + name);
        int[] levels = [.. golden.Tensor<long>("spatial_shapes").ToArray().Select(size => (int)size)];
        JsonElement config = golden.Config;
        Problem p = new(
            config.GetProperty("batch").GetInt32(), levels, config.GetProperty("heads").GetInt32(),
            config.GetProperty("dim").GetInt32(), config.GetProperty("queries").GetInt32(), config.GetProperty("points").GetInt32())
        {
            Value = golden.Floats("value"),
            Locations = golden.Floats("sampling_locations"),
            Weights = golden.Floats("attention_weights"),
            DOutput = golden.Floats("cotangent"),
        };
        golden.Check("output", p.Forward(1).Values, golden.Tensor<float>("output"));
        Pinned<float>[] found = p.Backward(1);
        golden.Check("grad_value", found[0].Values, golden.Tensor<float>("grad_value"));
        golden.Check("grad_sampling_locations", found[1].Values, golden.Tensor<float>("grad_sampling_locations"));
        golden.Check("grad_attention_weights", found[2].Values, golden.Tensor<float>("grad_attention_weights"));
    }

    [Fact]
    public void Plan_TokensDoNotMatchLevels_IsRefused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new MsDeformAttnPlan([2, 3], 1, 7, 1, 4, 5, 1));
        Assert.Contains("6 tokens", error.Message, StringComparison.Ordinal);
    }

    private sealed class Problem
    {
        private readonly MsDeformAttnPlan _plan;
        private readonly int[] _levels;

        public Problem(int batch, int[] levels, int heads, int width, int queries, int points)
        {
            int tokens = Enumerable.Range(0, levels.Length / 2).Sum(level => levels[2 * level] * levels[(2 * level) + 1]);
            _levels = levels;
            _plan = new MsDeformAttnPlan(levels, batch, tokens, heads, width, queries, points);
            int samples = batch * queries * heads * _plan.Samples;
            Value = Pinned.Normal(batch * tokens * heads * width, 1);
            Locations = Pinned.Uniform(2 * samples, 2, -0.3, 1.3);
            Weights = Pinned.Uniform(samples, 3);
            DOutput = Pinned.Normal(batch * queries * heads * width, 4);
        }

        public Pinned<float> Value { get; init; }

        public Pinned<float> Locations { get; init; }

        public Pinned<float> Weights { get; init; }

        public Pinned<float> DOutput { get; init; }

        public MsDeformAttnOracle Oracle => new(_plan, _levels, Value.Values, Locations.Values, Weights.Values);

        public Pinned<float> Forward(int parts)
        {
            Pinned<float> output = Pinned.Dirty(DOutput.Values.Length);
            Split(parts, (from, to) => MsDeformAttn.Forward(_plan, Value.Span, Locations.Span, Weights.Span, output.Span, from, to));
            return output;
        }

        public Pinned<float>[] Backward(int parts)
        {
            Pinned<float>[] result = [Pinned.Dirty(Value.Values.Length), Pinned.Dirty(Locations.Values.Length), Pinned.Dirty(Weights.Values.Length)];
            Split(parts, (from, to) => MsDeformAttn.Backward(
                _plan, DOutput.Span, Value.Span, Locations.Span, Weights.Span, result[0].Span, result[1].Span, result[2].Span, from, to));
            return result;
        }

        public double Objective() => Oracle.Forward().Zip(DOutput.Values, (y, g) => y * g).Sum();

        private void Split(int parts, Action<int, int> body)
        {
            for (int i = 0; i < parts; i++)
            {
                body(_plan.Units * i / parts, _plan.Units * (i + 1) / parts);
            }
        }
    }
}
