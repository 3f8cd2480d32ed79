using Clouds.Graph.Building;
using Clouds.Graph.Randomness;

namespace Clouds.Tests.Graph.Autodiff;

/// <summary>One input of a gradient case: uniform in [Low, High) unless the values are given.</summary>
internal sealed record Operand(long[] Sizes, double Low = -1, double High = 1, float[]? Values = null)
{
    public TestTensor Draw(RandomStream random) => Values is null ? TestTensor.Uniform(random, Low, High, Sizes) : TestTensor.Of(Values, Sizes);
}

/// <summary>What a case builds on: the graph and its inputs.</summary>
internal sealed record CaseInputs(GraphBuilder G, Value[] Values)
{
    public Value this[int i] => Values[i];
}

/// <summary>A small graph around one operator whose gradient is compared with finite differences.</summary>
/// <param name="Rule">Key in the rule table.</param>
/// <param name="Name">What is special about it.</param>
/// <param name="Build">Writes the graph and returns its result.</param>
/// <param name="Operands">Inputs, all of which are differentiated.</param>
internal sealed record GradientCase(string Rule, string Name, Func<CaseInputs, Value> Build, params Operand[] Operands)
{
    /// <summary>Whether ONNX Runtime lacks double-precision kernels, so that the differences are taken in single precision.</summary>
    public bool SingleOnly { get; init; }

    /// <summary>Distance of the difference quotient in single precision; large where the result is linear in each input.</summary>
    public double Step { get; init; } = 0.5;

    public string Title => $"{Rule}: {Name}";

    /// <summary>Uniform in -1..1.</summary>
    public static Operand U(params long[] sizes) => new(sizes);

    /// <summary>Uniform in the given range.</summary>
    public static Operand Range(double low, double high, params long[] sizes) => new(sizes, low, high);

    /// <summary>Given values.</summary>
    public static Operand Given(float[] values, params long[] sizes) => new(sizes, Values: values);

    /// <summary>Numbers that lie at least 0.1 apart, in a mixed order: no ties, no order that a small step could change.</summary>
    public static Operand Distinct(params long[] sizes)
    {
        int count = (int)sizes.Aggregate(1L, (a, b) => a * b);
        int[] order = new RandomStream(3, "distinct").NextPermutation(count);
        return Given(Array.ConvertAll(order, i => (0.1f * (i - (count / 2))) + 0.05f), sizes);
    }

    /// <summary>A case in single precision.</summary>
    public static GradientCase InSingle(string rule, string name, Func<CaseInputs, Value> build, params Operand[] operands) =>
        new(rule, name, build, operands) { SingleOnly = true };

    public override string ToString() => Title;
}
