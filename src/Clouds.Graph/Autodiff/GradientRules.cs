using Clouds.Graph.Building;

namespace Clouds.Graph.Autodiff;

/// <summary>The rule table: operator to gradient rule. Its parts stand in one file per operator family.</summary>
internal static partial class GradientRules
{
    private static readonly Dictionary<string, GradientRule> Table = Merge(
        ElementwiseRules, ShapeRules, MatrixRules, ReductionRules, NormalisationRules, SamplingRules, CustomRules);

    // Operators through which no gradient passes: comparisons, indices, rounding.
    private static readonly HashSet<string> Flat =
        ["Less", "Greater", "Equal", "Not", "And", "Or", "ArgMax", "Sign", "Floor", "Ceil", "Round",
            "Shape", "ConstantOfShape", "clouds.Assign", "clouds.MatchingCost", "clouds.UncertainPoints"];

    /// <summary>Operators with a rule, domain and dot in front of ours.</summary>
    public static IReadOnlyCollection<string> Operators => Table.Keys;

    /// <summary>Whether no gradient passes the node.</summary>
    public static bool StopsGradient(Node node) => Flat.Contains(Key(node)) || node.Attributes.ContainsKey(GraphBuilder.DetachMark.Name);

    /// <summary>The rule of a node.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static GradientRule For(Node node) =>
        Table.TryGetValue(Key(node), out GradientRule? rule) ? rule : throw new NotSupportedException($"no gradient rule for {node}: add one to GradientRules");

    private static string Key(Node node) => node.Domain.Length == 0 ? node.Op : $"{node.Domain}.{node.Op}";

    private static Dictionary<string, GradientRule> Merge(params IReadOnlyDictionary<string, GradientRule>[] parts) =>
        parts.SelectMany(part => part).ToDictionary(rule => rule.Key, rule => rule.Value);
}
