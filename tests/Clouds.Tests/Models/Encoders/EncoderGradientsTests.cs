using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Models.Encoders;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Encoders;

/// <summary>
/// Gradients through whole encoders against differences of the forward pass, one direction for each parameter and for the image. Every rule is held
/// against tight differences in double precision elsewhere; here paths are what could be missing, so a hundredth is near enough.
/// </summary>
[Kind(TestKind.Fast)]
public sealed class EncoderGradientsTests
{
    private const double Tolerance = 0.01;

    // Long steps cross kinks of ReLU, short ones drown in the rounding of single precision; a wrong gradient fits none.
    private static readonly double[] Steps = [4e-3, 5e-4, 1e-4];

    public static TheoryData<string> Encoders => [.. Tiny.Keys];

    internal static Dictionary<string, EncoderConfig> Tiny => new()
    {
        [ConvNeXtConfig.Kind] = new ConvNeXtConfig { Depths = [1, 1, 2, 1], Widths = [4, 6, 8, 10], LayerScale = 1 },
        [ClipResNetConfig.Kind] = new ClipResNetConfig { Blocks = [1, 2, 1, 1], Width = 4, Heads = 4, Resolution = 64, Embedding = 6 },
        [ResNetConfig.Kind] = new ResNetConfig { Blocks = [1, 2, 1, 1], Width = 4 },
        [MixTransformerConfig.Kind] = new MixTransformerConfig
        {
            Depths = [1, 1, 2, 1], Widths = [4, 6, 10, 8], Heads = [1, 2, 5, 2], FeedForward = [4, 3, 2, 4],
        },
    };

    [Fact]
    public void Encoders_EveryKind_IsHere() => Assert.Equal(EncoderTests.Kinds.Select(row => row.Data).Order(), Tiny.Keys.Order());

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Gradients_OfEveryParameterAndOfTheImage_FollowDifferencesOfTheForwardPass(string kind)
    {
        GraphBuilder g = new("encoder");
        Value image = g.Input("image", ElementType.Float, [1, 3, 64, 64]);
        Pyramid maps = Tiny[kind].Create(trainable: true).Build(g, image);
        (Value Map, Value Cotangent)[] pairs = [.. maps.Levels.Select(map => (map.Value, g.Input($"d{map.Name}", ElementType.Float, map.Value.Shape)))];
        Parameter[] trained = [.. g.Parameters.Where(parameter => parameter.Kind is not (ParameterKind.Statistic or ParameterKind.Counter))];
        IReadOnlyList<Value> gradients = Gradients.Of(g, pairs, [image, .. trained.Select(parameter => parameter.Value)]);
        string[] wanted = ["image", .. trained.Select(parameter => parameter.Name)];
        foreach ((string name, Value gradient) in wanted.Zip(gradients))
        {
            g.Output($"gradient of {name}", gradient);
        }

        foreach ((string name, Value map) in maps.Levels)
        {
            g.Output(name, map);
        }

        Dictionary<string, TestTensor> feeds = Draw(g);
        using GraphRun run = new(g);
        Dictionary<string, TestTensor> analytic = run.Run([.. feeds.Select(feed => (feed.Key, feed.Value))]);
        Assert.All(wanted, name =>
        {
            double[] gradient = analytic[$"gradient of {name}"].Doubles;
            double length = Math.Sqrt(gradient.Sum(x => x * x));
            Assert.NotEqual(0, length);
            double[] direction = [.. gradient.Select(x => x / length)];
            double error = Steps.Min(step => Math.Abs((Slope(run, feeds, name, direction, step) / length) - 1));
            Assert.InRange(error, 0, Tolerance);
        });
    }

    // The derivative along the gradient's own direction is its length.
    private static double Slope(GraphRun run, Dictionary<string, TestTensor> feeds, string name, double[] direction, double step)
    {
        double At(double distance)
        {
            float[] moved = [.. feeds[name].Doubles.Zip(direction, (x, d) => (float)(x + (distance * d)))];
            Dictionary<string, TestTensor> outputs = run.Run([.. feeds.Select(f => (f.Key, f.Key == name ? f.Value with { Data = moved } : f.Value))]);
            return feeds.Keys.Where(feed => feed.StartsWith("dres", StringComparison.Ordinal))
                .Sum(feed => outputs[feed[1..]].Doubles.Zip(feeds[feed].Doubles, (y, d) => y * d).Sum());
        }

        return ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
    }

    private static Dictionary<string, TestTensor> Draw(GraphBuilder g)
    {
        RandomStream random = new(5, "encoder gradients");
        // Cotangents of one sign: kinks weigh little in a sum that does not cancel.
        Dictionary<string, TestTensor> feeds = g.Inputs.ToDictionary(
            input => input.Name, input => TestTensor.Uniform(random, input.Name == "image" ? -1 : 0.2, 1, input.Shape.Sizes));
        foreach (Parameter parameter in g.Parameters.Where(parameter => parameter.IsRead))
        {
            // Scales and variances near 1, so that no path is closed at the start.
            bool positive = parameter.Name.EndsWith("running_var", StringComparison.Ordinal)
                || (parameter.Kind == ParameterKind.Norm && parameter.Name.EndsWith("weight", StringComparison.Ordinal));
            double bound = parameter.Shape.Rank < 2 ? 0.3 : Math.Sqrt(3.0 * parameter.Shape[0].Size / parameter.Shape.ElementCount);
            (double low, double high) = positive ? (0.7, 1.3) : (-bound, bound);
            feeds.Add(parameter.Name, TestTensor.Uniform(random, low, high, parameter.Shape.Sizes));
        }

        return feeds;
    }
}
