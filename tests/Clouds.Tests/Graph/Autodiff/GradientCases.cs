namespace Clouds.Tests.Graph.Autodiff;

/// <summary>The cases of every gradient rule, one file per family as in the rule table.</summary>
internal static partial class GradientCases
{
    public static IReadOnlyList<GradientCase> All { get; } =
        [.. Elementwise(), .. Shapes(), .. Matrices(), .. Convolutions(), .. Reductions(), .. Sampling(), .. Custom()];
}
