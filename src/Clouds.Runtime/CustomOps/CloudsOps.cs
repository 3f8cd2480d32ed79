using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.CustomOps;

/// <summary>The operators of domain "clouds", version 1, and their registration with a session; thread-safe.</summary>
internal static class CloudsOps
{
    /// <summary>The domain that a model imports.</summary>
    public const string Domain = "clouds";

    private static readonly CustomOp[] All =
    [
        new("MsDeformAttn", Floats(3), Floats(1), attributes => new MsDeformAttnKernel(attributes.Ints("levels"))),
        new("MsDeformAttnGrad", Floats(4), Floats(3), attributes => new MsDeformAttnGradKernel(attributes.Ints("levels"))),
        new("LayerNorm", Floats(3), Floats(1), attributes => new LayerNormKernel(attributes.Float("epsilon"))),
        new("LayerNormGrad", Floats(3), Floats(3), attributes => new LayerNormGradKernel(attributes.Float("epsilon"))),
        new("PointSample", [ElementType.Any, ElementType.Float], Floats(1), _ => new PointSampleKernel()),
        new("PointSampleGrad", Floats(2), Floats(1), attributes => new PointSampleGradKernel(attributes.Ints("size"))),
        new("UncertainPoints", Floats(2), Floats(1), attributes => new UncertainPointsKernel(attributes.Int("count"))),
        new("MatchingCost", [ElementType.Float, ElementType.Float, ElementType.Int64, ElementType.Byte, ElementType.Float, ElementType.Float], Floats(1), attributes =>
            new MatchingCostKernel(new(attributes.Float("class_weight"), attributes.Float("mask_weight"), attributes.Float("dice_weight")))),
        new("Assign", Floats(2), [ElementType.Int64, ElementType.Int64, ElementType.Float], _ => new AssignKernel()),
    ];

    private static readonly Lazy<nint> Everything = new(() => OpBridge.CreateDomain(Domain, All));

    private static readonly Lazy<nint> AssignmentOnly = new(() => OpBridge.CreateDomain(Domain, All.Where(op => op.Name == "Assign")));

    /// <summary>Names of all operators.</summary>
    public static IEnumerable<string> Names => All.Select(op => op.Name);

    /// <summary>Makes every operator known to the sessions of <paramref name="options"/>, as CPU kernels.</summary>
    public static void Register(SessionOptions options) => OrtApi.AddDomain(options, Everything.Value);

    /// <summary>Makes only the assignment known, the one operator without a lowering: the others' functions in the model are inlined.</summary>
    public static void RegisterAssignment(SessionOptions options) => OrtApi.AddDomain(options, AssignmentOnly.Value);

    private static ElementType[] Floats(int count) => [.. Enumerable.Repeat(ElementType.Float, count)];
}
