using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>A twin refuses memory of another length than its sizes say, and work outside the whole, before it writes anything.</summary>
[Kind(TestKind.Fast)]
public sealed class TwinArgumentsTests
{
    private static readonly MatchingShape Matching = new(2, 3, 4, 5, 6, 7, 8, 9, 10);
    private static readonly MsDeformAttnPlan Attention = new([2, 3, 1, 2], 2, 8, 2, 5, 3, 4);

    private static readonly Dictionary<string, Twin> Twins = new()
    {
        ["LayerNorm.Forward"] = new(3, (m, from, to) => LayerNorm.Forward(
            new(3, 5), m.Lend<float>(15), m.Lend<float>(5), m.Lend<float>(5), m.Lend<float>(15), 1e-5f, from, to)),
        ["LayerNorm.Backward"] = new(2, (m, from, to) => LayerNorm.Backward(
            new(200, 5), m.Lend<float>(1000), m.Lend<float>(1000), m.Lend<float>(5), m.Lend<float>(1000), m.Lend<float>(20), 1e-5f, from, to)),
        ["LayerNorm.SumPartials"] = new(0, (m, _, _) => LayerNorm.SumPartials(new(200, 5), m.Lend<float>(20), m.Lend<float>(5), m.Lend<float>(5))),
        ["GroupNorm.Forward"] = new(6, (m, from, to) => GroupNorm.Forward(
            new(2, 6, 3, 5), m.Lend<float>(60), m.Lend<float>(6), m.Lend<float>(6), m.Lend<float>(60), 1e-5f, from, to)),
        ["GroupNorm.Backward"] = new(6, (m, from, to) => GroupNorm.Backward(
            new(2, 6, 3, 5), m.Lend<float>(60), m.Lend<float>(60), m.Lend<float>(6), m.Lend<float>(60), m.Lend<float>(24), 1e-5f, from, to)),
        ["GroupNorm.SumPlanes"] = new(0, (m, _, _) => GroupNorm.SumPlanes(new(2, 6, 3, 5), m.Lend<float>(24), m.Lend<float>(6), m.Lend<float>(6))),
        ["Activations.GeluBackward"] = new(2, (m, from, to) => Activations.GeluBackward(
            m.Lend<float>(5000), m.Lend<float>(5000), m.Lend<float>(5000), from, to)),
        ["Activations.SiluBackward"] = new(2, (m, from, to) => Activations.SiluBackward(
            m.Lend<float>(5000), m.Lend<float>(5000), m.Lend<float>(5000), from, to)),
        ["DepthwiseConv.Forward"] = new(6, (m, from, to) => DepthwiseConv.Forward(
            new(2, 3, 4, 5, 3), m.Lend<float>(120), m.Lend<float>(27), m.Lend<float>(3), m.Lend<float>(120), from, to)),
        ["DepthwiseConv.Backward"] = new(3, (m, from, to) => DepthwiseConv.Backward(
            new(2, 3, 4, 5, 3), m.Lend<float>(120), m.Lend<float>(120), m.Lend<float>(27), m.Lend<float>(120), m.Lend<float>(27), m.Lend<float>(3), from, to)),
        ["ConvWeight.SpreadInputs"] = new(3, (m, from, to) => ConvWeight.SpreadInputs(
            new(2, 3, 4, 5, 6), m.Lend<float>(180), m.Lend<float>(112 * 3), from, to)),
        ["ConvWeight.SpreadOutputs"] = new(4, (m, from, to) => ConvWeight.SpreadOutputs(
            new(2, 3, 4, 5, 6), m.Lend<float>(240), m.Lend<float>(96 * 4), from, to)),
        ["ConvWeight.Add"] = new(2, (m, from, to) => ConvWeight.Add(
            new(2, 3, 4, 5, 6), m.Lend<float>(96 * 4), m.Lend<float>(112 * 3), m.Lend<float>(108), from, to)),
        ["Linear.Pack"] = new(2, (m, from, to) => Linear.Pack(new(3, 5, 40), m.Lend<float>(200), true, m.Lend<float>(320), from, to)),
        ["Linear.Multiply"] = new(2, (m, from, to) => Linear.Multiply(
            new(20, 5, 40), m.Lend<float>(100), m.Lend<float>(320), m.Lend<float>(40), m.Lend<float>(800), from, to)),
        ["PointSample.Forward"] = new(6, (m, from, to) => PointSample.Forward(
            new(2, 3, 4, 5, 6), m.Lend<float>(120), m.Lend<float>(24), m.Lend<float>(36), from, to)),
        ["PointSample.Forward, bytes"] = new(6, (m, from, to) => PointSample.Forward(
            new(2, 3, 4, 5, 6), m.Lend<byte>(120), m.Lend<float>(24), m.Lend<float>(36), from, to)),
        ["PointSample.Backward"] = new(6, (m, from, to) => PointSample.Backward(
            new(2, 3, 4, 5, 6), m.Lend<float>(36), m.Lend<float>(24), m.Lend<float>(120), from, to)),
        ["UncertainPoints"] = new(2, (m, from, to) => UncertainPoints.Run(m.Lend<float>(14), m.Lend<float>(28), m.Lend<float>(12), 2, 7, 3, from, to)),
        ["MatchingCost.SampleTargets"] = new(8, (m, from, to) => MatchingCost.SampleTargets(Matching, Inputs(m), m.Lend<float>(8 * 256), from, to)),
        ["MatchingCost.Run"] = new(6, (m, from, to) => MatchingCost.Run(
            Matching, new(1, 2, 3), Inputs(m), m.Lend<float>(8 * 256), m.Lend<float>(24), from, to)),
        ["Assignment"] = new(2, (m, from, to) => Assignment.Run(
            new(2, 4, 3), m.Lend<float>(24), m.Lend<float>(6), m.Lend<long>(6), m.Lend<long>(6), m.Lend<float>(6), from, to)),
        ["MsDeformAttn.Forward"] = new(4, (m, from, to) => MsDeformAttn.Forward(
            Attention, m.Lend<float>(160), m.Lend<float>(192), m.Lend<float>(96), m.Lend<float>(60), from, to)),
        ["MsDeformAttn.Backward"] = new(4, (m, from, to) => MsDeformAttn.Backward(
            Attention, m.Lend<float>(60), m.Lend<float>(160), m.Lend<float>(192), m.Lend<float>(96),
            m.Lend<float>(160), m.Lend<float>(192), m.Lend<float>(96), from, to)),
        ["ScatterAdd.Clear"] = new(1, (m, from, to) => ScatterAdd.Clear(new(2, 3, 4, 5), m.Lend<float>(40), from, to)),
        ["ScatterAdd.Add"] = new(ScatterAdd.Units(new(2, 3, 4, 5)), (m, from, to) => ScatterAdd.Add(
            new(2, 3, 4, 5), m.Lend<float>(30), m.Lend<long>(6), m.Lend<float>(40), from, to)),
        ["TeacherAverage"] = new(0, (m, _, _) => TeacherAverage.Run(m.Lend<float>(9), m.Lend<float>(9), 0.9, threads: 1)),
        ["Optimizer.Step"] = new(0, (m, _, _) => new Optimizer([(0, 4, 0), (8, 3, 0)]).Step(
            new(m.Lend<float>(11), m.Lend<float>(11), m.Lend<float>(11), m.Lend<float>(11), m.Lend<float>(11)),
            new OptimizerSettings(), [new(0.1, 0)], 1, TeacherUpdate.AfterStep, 0.9, threads: 1)),
    };

    public static TheoryData<string> Names => [.. Twins.Keys];

    public static TheoryData<string> NamesWithRanges => [.. Twins.Where(twin => twin.Value.Units > 0).Select(twin => twin.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_EveryLengthRight_Writes(string name)
    {
        Lender memory = new(wrong: -1, by: 0);

        Twins[name].Run(memory, 0, Twins[name].Units);

        Assert.False(memory.IsUntouched);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_AnyLengthWrong_IsRefusedBeforeAnythingIsWritten(string name)
    {
        Lender right = new(wrong: -1, by: 0);
        Twins[name].Run(right, 0, Twins[name].Units);
        foreach ((int argument, int by) in Enumerable.Range(0, right.Count).SelectMany(argument => new[] { (argument, -1), (argument, 1) }))
        {
            Lender memory = new(argument, by);

            ArgumentException e = Assert.Throws<ArgumentException>(() => Twins[name].Run(memory, 0, Twins[name].Units));

            Assert.Matches(@"(has \d+ elements, expected \d+ = |have \d+ floats, the layout \d+)", e.Message);
            Assert.True(memory.IsUntouched, $"{name} wrote although argument {argument} was {by} too long");
        }
    }

    [Theory]
    [MemberData(nameof(NamesWithRanges))]
    public void Run_WorkOutsideTheWhole_IsRefusedBeforeAnythingIsWritten(string name)
    {
        int units = Twins[name].Units;
        foreach ((int from, int to) in new[] { (-1, units), (0, units + 1), (units, units - 1) })
        {
            Lender memory = new(wrong: -1, by: 0);

            ArgumentException e = Assert.Throws<ArgumentException>(() => Twins[name].Run(memory, from, to));

            Assert.Contains($"{from}..{to} do not lie in 0..{units}", e.Message, StringComparison.Ordinal);
            Assert.True(memory.IsUntouched, $"{name} wrote although {from}..{to} lie outside");
        }
    }

    [Fact]
    public void UncertainPoints_MoreToKeepThanThereAre_IsRefused()
        => Assert.Throws<ArgumentException>(() => UncertainPoints.Run(default, default, default, 0, 3, 4, 0, 0));

    [Fact]
    public void Norms_GradientsShorterThanTheLayout_AreRefused()
        => Assert.Throws<ArgumentException>(() => new Optimizer([(0, 4, 0)]).Norms(new Pinned<float>(3).Span));

    private static MatchingInputs Inputs(Lender memory) => new()
    {
        ClassLogits = memory.Lend<float>(30),
        MaskLogits = memory.Lend<float>(252),
        Labels = memory.Lend<long>(8),
        Masks = memory.Lend<byte>(576),
        Valid = memory.Lend<float>(8),
        Points = memory.Lend<float>(40),
    };

    /// <summary>A twin's call on lent memory.</summary>
    /// <param name="Units">Units of work; 0 = it takes no range.</param>
    /// <param name="Run">The call.</param>
    private sealed record Twin(int Units, Action<Lender, int, int> Run);

    /// <summary>Lends memory that holds 1, 2, 3, 1, 2, 3, ... from one of the three on; one of the pieces has another length than asked for.</summary>
    private sealed class Lender(int wrong, int by)
    {
        private readonly List<Func<bool>> _untouched = [];

        public int Count => _untouched.Count;

        public bool IsUntouched => _untouched.TrueForAll(untouched => untouched());

        public HostSpan<T> Lend<T>(int length)
            where T : unmanaged, System.Numerics.INumber<T>
        {
            Pinned<T> memory = new(Count == wrong ? length + by : length);
            T[] values = [.. memory.Values.Select((_, i) => T.CreateChecked(1 + ((i + Count) % 3)))];
            values.CopyTo(memory.Values, 0);
            _untouched.Add(() => memory.Values.AsSpan().SequenceEqual(values));
            return memory.Span;
        }
    }
}
