using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Google.Protobuf;

namespace Clouds.Tests.Graph.Autodiff;

/// <summary>
/// Compares the gradient of sum(y · cotangent) with five-point central differences,
/// (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, whose truncation error is h⁴ f⁽⁵⁾ / 30.
/// </summary>
internal sealed class GradientCheck
{
    // Double precision: h = 2e-4 leaves 1.6e-15 f⁽⁵⁾/30 of truncation and about 1e-16/2e-4 = 5e-13 a summed term of rounding.
    private const double DoubleStep = 2e-4;
    private const double DoubleTolerance = 1e-8;

    // Single precision: a dozen roundings of 6e-8 in the deepest rule, relative to the largest element.
    private const double SingleTolerance = 1e-5;
    private const double SingleEpsilon = 6e-8;

    private readonly GradientCase _case;
    private readonly TestTensor[] _inputs;
    private readonly TestTensor _cotangent;
    private readonly GraphBuilder _single;
    private readonly byte[] _double;
    private readonly byte[] _forward;

    public GradientCheck(GradientCase gradientCase)
    {
        _case = gradientCase;
        RandomStream random = new(11, "gradient check: " + gradientCase.Title);
        _inputs = [.. gradientCase.Operands.Select(operand => operand.Draw(random))];
        (GraphBuilder forward, Value y) = BuildForward();
        _forward = Serialise(forward, promote: !gradientCase.SingleOnly);
        _cotangent = TestTensor.Uniform(random, -1, 1, y.Shape.Sizes);

        (GraphBuilder g, Value result) = BuildForward();
        Value cotangent = g.Input("dy", ElementType.Float, result.Shape);
        IReadOnlyList<Value> gradients = Gradients.Of(g, [(result, cotangent)], [.. g.Inputs.SkipLast(1)]);
        for (int i = 0; i < gradients.Count; i++)
        {
            g.Output($"dx{i}", gradients[i]);
        }

        _single = g;
        _double = gradientCase.SingleOnly ? [] : Serialise(g, promote: true);
    }

    public void Assert()
    {
        TestTensor[] single = Analytic(new GraphRun(_single), promote: false);
        if (_case.SingleOnly)
        {
            CompareAll("single precision", single, Numeric(_case.Step, promote: false, out double roundingPerStep), SingleTolerance, roundingPerStep);
            return;
        }

        TestTensor[] exact = Analytic(new GraphRun(_double), promote: true);
        CompareAll("double precision", exact, Numeric(DoubleStep, promote: true, out _), DoubleTolerance, 0);
        CompareAll("single against double precision", single, exact, SingleTolerance, 0);
    }

    private (GraphBuilder G, Value Y) BuildForward()
    {
        GraphBuilder g = new("case");
        Value[] inputs = [.. _inputs.Select((input, i) => g.Input($"x{i}", input.Type, Shape.Of(input.Sizes)))];
        Value y = _case.Build(new CaseInputs(g, inputs));
        g.Output("y", y);
        return (g, g.Outputs[0].Value);
    }

    private static byte[] Serialise(GraphBuilder g, bool promote)
    {
        ModelProto model = OnnxModel.ToProto(g);
        return (promote ? DoublePrecision.Promote(model) : model).ToByteArray();
    }

    private TestTensor[] Analytic(GraphRun opened, bool promote)
    {
        using GraphRun run = opened;
        Dictionary<string, TestTensor> results = run.Run([.. Feeds(promote), ("dy", promote ? _cotangent.Promoted() : _cotangent)]);
        return [.. _inputs.Select((_, i) => results[$"dx{i}"])];
    }

    private (string Name, TestTensor Value)[] Feeds(bool promote) => [.. _inputs.Select((input, i) => ($"x{i}", promote ? input.Promoted() : input))];

    private TestTensor[] Numeric(double step, bool promote, out double roundingPerStep)
    {
        using GraphRun run = new(_forward);
        (string Name, TestTensor Value)[] feeds = Feeds(promote);
        double[] cotangent = _cotangent.Doubles;
        double magnitude = run.Run(feeds)["y"].Doubles.Zip(cotangent, (y, d) => Math.Abs(y * d)).Sum();

        // Each of the four sums carries a few roundings of its terms; the quotient weighs them 18/12 together.
        roundingPerStep = 8 * SingleEpsilon * 1.5 * magnitude / step;
        double At(Array data, int i, double value)
        {
            object kept = data.GetValue(i)!;
            data.SetValue(data is float[]? (object)(float)value : value, i);
            double sum = run.Run(feeds)["y"].Doubles.Zip(cotangent, (y, d) => y * d).Sum();
            data.SetValue(kept, i);
            return sum;
        }

        TestTensor[] gradients = [.. feeds.Select(feed => new TestTensor(feed.Value.Sizes, new double[feed.Value.Data.Length]))];
        for (int k = 0; k < feeds.Length; k++)
        {
            Array data = (Array)feeds[k].Value.Data.Clone();
            feeds[k].Value = feeds[k].Value with { Data = data };
            for (int i = 0; i < data.Length; i++)
            {
                double x = Convert.ToDouble(data.GetValue(i));
                double near = At(data, i, x + step) - At(data, i, x - step);
                double far = At(data, i, x + (2 * step)) - At(data, i, x - (2 * step));
                ((double[])gradients[k].Data)[i] = ((8 * near) - far) / (12 * step);
            }
        }

        return gradients;
    }

    private void CompareAll(string what, TestTensor[] actual, TestTensor[] expected, double relative, double absolute)
    {
        for (int k = 0; k < actual.Length; k++)
        {
            double[] a = actual[k].Doubles;
            double[] e = expected[k].Doubles;
            double tolerance = absolute + (relative * (1 + e.Max(Math.Abs)));
            for (int i = 0; i < e.Length; i++)
            {
                bool near = Math.Abs(a[i] - e[i]) <= tolerance;
                Xunit.Assert.True(
                    near, $"{_case.Title}, {what}: input {k} {Shape.Of(actual[k].Sizes)}, element {i}: {a[i]:G9}, expected {e[i]:G9} within {tolerance:G3}");
            }
        }
    }
}
