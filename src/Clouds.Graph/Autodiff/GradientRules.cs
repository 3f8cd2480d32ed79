using Clouds.Graph.Building;
using Clouds.Graph.Operators;

namespace Clouds.Graph.Autodiff;

/// <summary>The rule table: operator to gradient rule. Its parts stand in one file per operator family.</summary>
internal static partial class GradientRules
{
    private static readonly Dictionary<string, GradientRule> Table = Merge(
        ElementwiseRules, ShapeRules, MatrixRules, ReductionRules, NormalisationRules, SamplingRules);

    // Operators through which no gradient passes: comparisons, indices, rounding.
    private static readonly HashSet<string> Flat =
        ["Less", "Greater", "Equal", "Not", "And", "Or", "ArgMax", "Sign", "Floor", "Ceil", "Round", "Shape", "ConstantOfShape"];

    /// <summary>Operators with a rule, domain and dot in front of ours, which keep theirs in their own files.</summary>
    public static IReadOnlyCollection<string> Operators
        => [.. Table.Keys, .. CloudsOperators.Names.Where(name => CloudsOperators.Find(name)?.Gradient is not null).Select(name => "clouds." + name)];

    /// <summary>Whether no gradient passes the node.</summary>
    public static bool StopsGradient(Node node) => node.Attributes.ContainsKey(GraphBuilder.DetachMark.Name) || node.Domain switch
    {
        "" => Flat.Contains(node.Op),
        GraphBuilder.Domain => CloudsOperators.Find(node.Op)?.StopsGradient == true,
        _ => false,
    };

    /// <summary>The rule of a node.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static GradientRule For(Node node)
    {
        GradientRule? rule = node.Domain switch
        {
            "" => Table.GetValueOrDefault(node.Op),
            GraphBuilder.Domain => CloudsOperators.Find(node.Op)?.Gradient,
            _ => null,
        };
        return rule ?? throw new NotSupportedException($"no gradient rule for {node}: add one to GradientRules, or to our operator's file");
    }

    private static Dictionary<string, GradientRule> Merge(params IReadOnlyDictionary<string, GradientRule>[] parts) =>
        parts.SelectMany(part => part).ToDictionary(rule => rule.Key, rule => rule.Value);
}
