using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;

namespace Clouds.Training.Engine;

/// <summary>One number that a step reports besides its loss.</summary>
/// <param name="Name">Its key in the history.</param>
/// <param name="Port">The graph output, a float of one element.</param>
public sealed record Measure(string Name, string Port);

/// <summary>A step as one graph: forward pass, loss, gradients. One run of it is one step's gradients.</summary>
public sealed record TrainingGraph
{
    /// <summary>The output that holds the loss.</summary>
    public const string Loss = "loss.total";

    private const string GradientPrefix = "gradient.";

    /// <summary>The graph.</summary>
    public required GraphBuilder Graph { get; init; }

    /// <summary>The parameters that get a gradient, in the order of their declaration.</summary>
    public required IReadOnlyList<Parameter> Trained { get; init; }

    /// <summary>What a step reports, in the order of the history.</summary>
    public required IReadOnlyList<Measure> Measures { get; init; }

    /// <summary>Graphs that run before this one in every step, in their order.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>What the backward pass begins with (<see cref="Gradients.Seed"/>).</summary>
    public required Value Seed { get; init; }

    /// <summary>The output that holds a parameter's gradient.</summary>
    public static string GradientOf(string parameter) => GradientPrefix + parameter;

    /// <summary>Appends the gradients of a loss with respect to all parameters of its graph.</summary>
    /// <param name="g">Graph with the forward pass; no parameter may be declared afterwards.</param>
    /// <param name="loss">A float of one element.</param>
    /// <param name="measures">Further numbers to record, floats of one element, each under its key in the history.</param>
    public static TrainingGraph Of(GraphBuilder g, Value loss, params IReadOnlyList<(string Name, Value Value)> measures)
    {
        g.Output(Loss, loss);
        Measure[] named = [.. measures.Select(measure => new Measure(measure.Name, OutputOf(g, measure.Name, measure.Value)))];
        Parameter[] trained = [.. g.Parameters.Where(parameter => parameter.IsRead)];
        Value seed = Gradients.Seed(g, loss);
        Value[] gradients = [.. Gradients.Of(g, [(loss, seed)], [.. trained.Select(parameter => parameter.Value)])];
        SpoilByLoss(g, loss, gradients);
        for (int i = 0; i < trained.Length; i++)
        {
            g.Output(GradientOf(trained[i].Name), gradients[i]);
        }

        return new TrainingGraph { Graph = g, Trained = trained, Measures = named, Seed = seed };
    }

    /// <summary>
    /// The same step in another precision. In mixed precision its graph has one port more, <see cref="LossScale.Port"/>; the gradients that it gives are
    /// divided by that again.
    /// </summary>
    public TrainingGraph In(TrainingPrecision precision) => precision == TrainingPrecision.Single ? this : this with
    {
        Graph = MixedPrecision.Of(Graph, Seed, IsGradient),
        Stages = [.. Stages.Select(stage => stage.In(precision))],
    };

    // The optimiser takes no step where the norm is not finite. A loss that is not finite can have a gradient that is: nothing of the loss, added to the
    // smallest gradient, is nothing or no number at all, and the norm tells without anybody asking a GPU for the loss before the step. A loss whose
    // square single precision cannot hold, above 1.8e19, has run away as well, whether or not an infinity is met on the way.
    private static void SpoilByLoss(GraphBuilder g, Value loss, Value[] gradients)
    {
        if (gradients.Length > 0)
        {
            int smallest = Enumerable.Range(0, gradients.Length).MinBy(i => gradients[i].Shape.ElementCount);
            gradients[smallest] = g.Add(gradients[smallest], g.Reshape(g.Mul(g.Square(loss), 0f), []));
        }
    }

    internal static bool IsGradient(string output) => output.StartsWith(GradientPrefix, StringComparison.Ordinal);

    // A value that the graph gives out already keeps the name that it has there.
    private static string OutputOf(GraphBuilder g, string measure, Value value)
    {
        string? known = g.Outputs.Where(output => output.Value == value).Select(output => output.Name).FirstOrDefault();
        string name = known ?? $"measure.{measure}";
        if (known is null)
        {
            g.Output(name, value);
        }

        return name;
    }
}
