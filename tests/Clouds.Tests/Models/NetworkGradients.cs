using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Tests.Graph;
using Google.Protobuf;

namespace Clouds.Tests.Models;

/// <summary>
/// Gradients through a whole network, of every trained parameter and float input along one random direction, against five-point central differences of
/// Σ y · cotangent.
/// </summary>
/// <param name="promote">In double precision, which not every operator has.</param>
/// <param name="kinks">Whether kinks lie around: then other steps count too, and a hundredth is near enough; a wrong gradient fits none.</param>
internal sealed class NetworkGradients(bool promote, bool kinks = false)
{
    // Double precision: the step leaves 1e-12 of rounding a term. Single: 6e-8 a term over the step is 3e-5, of some hundred terms.
    private readonly double[] _steps = promote ? [2e-4] : kinks ? [4e-3, 1e-3, 2e-2, 3e-4] : [4e-3];
    private readonly double _tolerance = promote ? 1e-6 : kinks ? 1e-2 : 4e-3;

    /// <param name="build">Declares its inputs and returns what is differentiated.</param>
    /// <param name="given">Inputs that are not drawn, by name.</param>
    public void Assert(Func<GraphBuilder, Value> build, params (string Name, TestTensor Value)[] given)
    {
        GraphBuilder g = new("network");
        Value y = build(g);
        IEnumerable<Parameter> trained = g.Parameters.Where(parameter => parameter.Kind is not (ParameterKind.Statistic or ParameterKind.Counter));
        Value[] floats = [.. g.Inputs.Where(input => input.Type == ElementType.Float), .. trained.Select(parameter => parameter.Value)];
        Value loss = g.SumAll(g.Mul(y, g.Input("cotangent", ElementType.Float, y.Shape)));
        g.Output("loss", loss);
        foreach ((Value value, Value gradient) in floats.Zip(Gradients.Of(g, loss, floats)))
        {
            g.Output($"gradient of {value.Name}", gradient);
        }

        RandomStream random = new(7, "network gradients");
        Dictionary<string, TestTensor> feeds = given.ToDictionary(input => input.Name, input => input.Value);
        foreach (Value input in g.Inputs.Where(input => !feeds.ContainsKey(input.Name)))
        {
            feeds.Add(input.Name, Tensor(input.Shape.Sizes, TestTensor.Uniform(random, -1, 1, input.Shape.Sizes).Doubles));
        }

        foreach (Parameter parameter in g.Parameters.Where(parameter => parameter.IsRead))
        {
            feeds.Add(parameter.Name, Near(random, parameter));
        }

        using GraphRun run = new(promote ? DoublePrecision.Promote(OnnxModel.ToProto(g)).ToByteArray() : OnnxModel.Write(g));
        Compare(run, feeds, random, [.. floats.Select(value => value.Name)]);
    }

    private void Compare(GraphRun run, Dictionary<string, TestTensor> feeds, RandomStream random, string[] names)
    {
        Dictionary<string, TestTensor> analytic = run.Run([.. feeds.Select(feed => (feed.Key, feed.Value))]);
        foreach (string name in names)
        {
            double[] direction = TestTensor.Uniform(random, -1, 1, feeds[name].Sizes).Doubles;
            double[] gradient = analytic[$"gradient of {name}"].Doubles;
            double size = Math.Sqrt(gradient.Sum(slope => slope * slope));
            Xunit.Assert.True(size > 0, $"{name} gets no gradient");
            double found = gradient.Zip(direction, (slope, d) => slope * d).Sum();
            double[] slopes = [.. _steps.Select(step => Slope(run, feeds, name, direction, step))];
            Xunit.Assert.True(slopes.Any(slope => Math.Abs(found - slope) <= _tolerance * (1 + size)),
                $"{name}: {found}, and by differences {string.Join(" or ", slopes)}; tolerance {_tolerance * (1 + size)}");
        }
    }

    private double Slope(GraphRun run, Dictionary<string, TestTensor> feeds, string name, double[] direction, double step)
    {
        double At(double distance)
        {
            double[] moved = [.. feeds[name].Doubles.Zip(direction, (x, d) => x + (distance * d))];
            return run.Run([.. feeds.Select(feed => (feed.Key, feed.Key == name ? Tensor(feed.Value.Sizes, moved) : feed.Value))])["loss"].Doubles[0];
        }

        return ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
    }

    // Start values, moved a little so that no bias is zero.
    private TestTensor Near(RandomStream random, Parameter parameter)
    {
        double[] noise = TestTensor.Uniform(random, -0.2, 0.2, parameter.Shape.Sizes).Doubles;
        return Tensor(parameter.Shape.Sizes, [.. noise.Zip(parameter.Initialize(3), (n, start) => n + start)]);
    }

    private TestTensor Tensor(long[] sizes, double[] values) => new(sizes, promote ? values : Array.ConvertAll(values, value => (float)value));
}
