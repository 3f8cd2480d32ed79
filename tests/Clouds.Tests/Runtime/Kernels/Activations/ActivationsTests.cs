using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class ActivationsTests
{
    public static TheoryData<string> Names => ["gelu", "silu"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_FromTailToTail_IsTheSlope(string name)
    {
        // Every hundredth from -20 to 20, and a length that no vector divides.
        float[] x = [.. Enumerable.Range(-2000, 4001).Select(i => i / 100f), 1e4f, -1e4f];

        float[] slopes = Run(name, x, [.. x.Select(_ => 1f)], parts: 1);

        Near.All([.. x.Select(at => Slope(name, at))], slopes, name == "silu" ? 1.5e-6 : 3e-7);
    }

    [Fact]
    public void GeluBackward_OrdinaryNumbers_IsTheSlopeKnownFromTables()
        => Near.All([0.5f, 1.0833155f, -0.0833155f, 1.0852318f, -0.0852318f], Run("gelu", [0, 1, -1, 2, -2], [1, 1, 1, 1, 1], parts: 1), 2e-7);

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_AnySplitAndWidth_GivesTheSameBits(string name)
    {
        (float[] x, float[] dY) = (Pinned.Normal(20_003, 1, 3).Values, Pinned.Normal(20_003, 2).Values);

        float[] whole = Run(name, x, dY, parts: 1);

        Assert.Equal(whole, Run(name, x, dY, parts: 4));
        Assert.Equal(whole, Run(name, x, dY, parts: 1, SimdLevel.Vector256));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Backward_OneNumberNotFinite_LeavesTheOthersAlone(string name)
    {
        (float[] x, float[] dY) = (Pinned.Normal(40, 1).Values, Pinned.Normal(40, 2).Values);
        float[] before = Run(name, x, dY, parts: 1);
        x[37] = float.NaN;

        float[] after = Run(name, x, dY, parts: 1);

        Assert.All(after.Index(), dX => Assert.Equal(dX.Index == 37 ? float.NaN : before[dX.Index], dX.Item));
    }

    private static float[] Run(string name, float[] x, float[] dY, int parts, SimdLevel? level = null)
    {
        (Pinned<float> at, Pinned<float> upstream, Pinned<float> dX) = (new(x), new(dY), Pinned.Dirty(x.Length));
        int units = Activations.Units(x.Length);
        for (int part = 0; part < parts; part++)
        {
            (int from, int to) = (units * part / parts, units * (part + 1) / parts);
            if (name == "gelu")
            {
                Activations.GeluBackward(upstream.Span, at.Span, dX.Span, from, to, level);
            }
            else
            {
                Activations.SiluBackward(upstream.Span, at.Span, dX.Span, from, to, level);
            }
        }

        return dX.Values;
    }

    private static double Slope(string name, double x)
    {
        double sigmoid = 1 / (1 + Math.Exp(-x));
        return name == "silu" ? sigmoid * (1 + (x * (1 - sigmoid))) : Distribution(x) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }

    // The normal distribution: its series about 0, and beyond 5 what is left is below 3e-7.
    private static double Distribution(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return x > 0 ? 1 : 0;
        }

        (double term, double sum) = (x, x);
        for (int i = 1; i < 120; i++)
        {
            term *= x * x / ((2 * i) + 1);
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }
}
