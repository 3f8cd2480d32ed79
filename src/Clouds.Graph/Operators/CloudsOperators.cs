namespace Clouds.Graph.Operators;

/// <summary>
/// The operators of domain "clouds". Each has a file here with its schema, shape rule, gradient and lowering; a new one is such a file, a row
/// below and a method of GraphBuilder.
/// </summary>
/// <remarks>A row is a function, so that a program makes only the operators that its graphs use.</remarks>
internal static class CloudsOperators
{
    private static readonly Dictionary<string, Func<CloudsOperator>> Table = new()
    {
        ["LayerNorm"] = () => LayerNorm.Operator,
        ["LayerNormGrad"] = () => LayerNorm.GradientOperator,
        ["GroupNorm"] = () => GroupNorm.Operator,
        ["GroupNormGrad"] = () => GroupNorm.GradientOperator,
        ["ConvWeightGrad"] = () => ConvWeight.GradientOperator,
        ["GeluGrad"] = () => Activations.GeluGradient,
        ["SiluGrad"] = () => Activations.SiluGradient,
        ["DepthwiseConv"] = () => DepthwiseConv.Operator,
        ["DepthwiseConvGrad"] = () => DepthwiseConv.GradientOperator,
        ["Linear"] = () => Linear.Operator,
        ["LinearGrad"] = () => Linear.GradientOperator,
        ["MsDeformAttn"] = () => MsDeformAttn.Operator,
        ["MsDeformAttnGrad"] = () => MsDeformAttn.GradientOperator,
        ["PointSample"] = () => PointSample.Operator,
        ["PointSampleGrad"] = () => PointSample.GradientOperator,
        ["UncertainPoints"] = () => UncertainPoints.Operator,
        ["MatchingCost"] = () => MatchingCost.Operator,
        ["Assign"] = () => Assign.Operator,
        ["ScatterAdd"] = () => ScatterAdd.Operator,
    };

    // Functions that no kernel computes, so that a runtime always runs their lowering.
    private static readonly Dictionary<string, Func<CloudsOperator>> LoweredAlways = new() { ["MsDeformAttnOpen"] = () => MsDeformAttn.OpenOperator };

    /// <summary>Names of all that have kernels.</summary>
    public static IReadOnlyCollection<string> Names => Table.Keys;

    /// <summary>An operator by name; null where there is none.</summary>
    public static CloudsOperator? Find(string name) => (Table.GetValueOrDefault(name) ?? LoweredAlways.GetValueOrDefault(name))?.Invoke();
}
