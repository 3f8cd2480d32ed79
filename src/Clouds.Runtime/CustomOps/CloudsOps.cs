using System.Collections.Concurrent;
using System.Runtime.Intrinsics.X86;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.CustomOps;

/// <summary>The operators of domain "clouds", version 1, and their registration with a session; thread-safe.</summary>
/// <remarks>
/// On a GPU, layer normalisation has no kernel of ours forward; linear layers, convolutions and the slopes of activations have none at all: their lowerings
/// are ONNX Runtime's own operators, which are fast there, as its products are on a processor without AVX-512. A new CUDA kernel is a class and the last
/// part of a row below.
/// </remarks>
public static class CloudsOps
{
    /// <summary>The domain that a model imports.</summary>
    public const string Domain = "clouds";

    private static readonly string[] AttentionFiles = ["ms_deform_attn.cu", "row_width.cu"];

    private static readonly ElementType[] MatchingInputs =
        [ElementType.Float, ElementType.Float, ElementType.Int64, ElementType.Byte, ElementType.Float, ElementType.Float];

    /// <summary>Every operator; its schema is in Clouds.Graph/Operators.</summary>
    internal static readonly CustomOp[] All =
    [
        new("MsDeformAttn", Floats(3), Floats(1), attributes => new MsDeformAttnKernel(attributes.Ints("levels")),
            new(AttentionFiles, attributes => new MsDeformAttnCudaKernel(attributes.Ints("levels")))),
        new("MsDeformAttnGrad", Floats(4), Floats(3), attributes => new MsDeformAttnGradKernel(attributes.Ints("levels")),
            new(AttentionFiles, attributes => new MsDeformAttnGradCudaKernel(attributes.Ints("levels")))),
        new("LayerNorm", Floats(3), Floats(1), attributes => new LayerNormKernel(attributes.Float("epsilon"))),
        new("LayerNormGrad", Floats(3), Floats(3), attributes => new LayerNormGradKernel(attributes.Float("epsilon")),
            new(["layer_norm.cu"], attributes => new LayerNormGradCudaKernel(attributes.Float("epsilon")))),
        new("GroupNorm", Floats(3), Floats(1), attributes => new GroupNormKernel(attributes.Int("groups"), attributes.Float("epsilon")),
            new(["group_norm.cu"], attributes => new GroupNormCudaKernel(attributes.Int("groups"), attributes.Float("epsilon")))),
        new("GroupNormGrad", Floats(3), Floats(3), attributes => new GroupNormGradKernel(attributes.Int("groups"), attributes.Float("epsilon")),
            new(["group_norm.cu"], attributes => new GroupNormGradCudaKernel(attributes.Int("groups"), attributes.Float("epsilon")))),
        new("ConvWeightGrad", Floats(2), Floats(1), _ => new ConvWeightGradKernel()) { IsLoweredOnProcessor = !Avx512F.IsSupported },
        new("GeluGrad", Floats(2), Floats(1), _ => new GeluGradKernel()),
        new("SiluGrad", Floats(2), Floats(1), _ => new SiluGradKernel()),
        new("DepthwiseConv", Floats(3), Floats(1), _ => new DepthwiseConvKernel()) { IsLoweredOnProcessor = !Avx512F.IsSupported },
        new("DepthwiseConvGrad", Floats(3), Floats(3), _ => new DepthwiseConvGradKernel()) { IsLoweredOnProcessor = !Avx512F.IsSupported },
        new("Linear", Floats(3), Floats(1), _ => new LinearKernel()) { IsLoweredOnProcessor = !Avx512F.IsSupported },
        new("LinearGrad", Floats(2), Floats(1), _ => new LinearGradKernel()) { IsLoweredOnProcessor = !Avx512F.IsSupported },
        new("PointSample", [ElementType.Any, ElementType.Float], Floats(1),
            _ => new PointSampleKernel(), new(["point_sample.cu"], _ => new PointSampleCudaKernel())),
        new("PointSampleGrad", Floats(2), Floats(1), attributes => new PointSampleGradKernel(attributes.Ints("size")),
            new(["point_sample.cu"], attributes => new PointSampleGradCudaKernel(attributes.Ints("size")))),
        new("UncertainPoints", Floats(2), Floats(1), attributes => new UncertainPointsKernel(attributes.Int("count")),
            new(["uncertain_points.cu"], attributes => new UncertainPointsCudaKernel(attributes.Int("count")))),
        new("MatchingCost", MatchingInputs, Floats(1), attributes => new MatchingCostKernel(Weights(attributes)),
            new(["matching_cost.cu"], attributes => new MatchingCostCudaKernel(Weights(attributes)))),
        new("ScatterAdd", [ElementType.Float, ElementType.Int64], Floats(1),
            attributes => new ScatterAddKernel(attributes.Int("rows"), attributes.Int("batch_axes")),
            new(["scatter_add.cu"], attributes => new ScatterAddCudaKernel(attributes.Int("rows"), attributes.Int("batch_axes")))),
        new("Assign", Floats(2), [ElementType.Int64, ElementType.Int64, ElementType.Float],
            _ => new AssignKernel(), new(["assign.cu"], _ => new AssignCudaKernel())),
    ];

    private static readonly Lazy<nint> Everything = new(() => OpBridge.CreateDomain(Domain, All.Where(op => !op.IsLoweredOnProcessor)));

    private static readonly Lazy<nint> AssignmentOnly = new(() => OpBridge.CreateDomain(Domain, All.Where(op => op.Name == "Assign")));

    // ONNX Runtime's structs cannot be freed, so a GPU's operators are made once and kept.
    private static readonly ConcurrentDictionary<(Gpu Gpu, bool Staged, GradientSum Sums), Lazy<nint>> OnGpus = [];

    /// <summary>Names of all operators.</summary>
    public static IEnumerable<string> Names => All.Select(op => op.Name);

    /// <summary>Names of the operators that have CUDA kernels.</summary>
    public static IEnumerable<string> NamesOnGpu => All.Where(op => op.Cuda is not null).Select(op => op.Name);

    /// <summary>Makes the operators known to the sessions of <paramref name="options"/>, as CPU kernels.</summary>
    public static void Register(SessionOptions options) => OrtApi.AddDomain(options, Everything.Value);

    /// <summary>Makes only the assignment known, the one operator without a lowering: the others' functions in the model are inlined.</summary>
    public static void RegisterAssignment(SessionOptions options) => OrtApi.AddDomain(options, AssignmentOnly.Value);

    /// <summary>Compiles and loads the operators' kernels, so that no failure comes in the middle of a graph.</summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: there is no compiler, or a kernel cannot be compiled or loaded.</exception>
    public static void Prepare(Gpu gpu)
    {
        foreach (string file in All.SelectMany(op => op.Cuda?.Files ?? []).Distinct())
        {
            gpu.Kernels.Load(file);
        }
    }

    /// <summary>Makes the operators with CUDA kernels known; the others' functions are inlined.</summary>
    /// <param name="options">Options of a session on the CUDA provider or, staged, on the processor's.</param>
    /// <param name="gpu">Where they run; must outlive the sessions.</param>
    /// <param name="staged">Copy tensors to the GPU and back at every call.</param>
    /// <param name="deterministic">The same bits in every run; otherwise gradients may be added as they come.</param>
    /// <exception cref="CloudsException">As <see cref="Prepare"/>.</exception>
    public static void RegisterOnGpu(SessionOptions options, Gpu gpu, bool staged, bool deterministic = true)
    {
        Prepare(gpu);
        GradientSum sums = deterministic ? GradientSum.Stable : GradientSum.Atomic;
        OrtApi.AddDomain(options, OnGpus.GetOrAdd((gpu, staged, sums), key => new(() => CreateOnGpu(key.Gpu, key.Staged, key.Sums))).Value);
    }

    private static nint CreateOnGpu(Gpu gpu, bool staged, GradientSum sums)
    {
        IEnumerable<CustomOp> ops = All.Where(op => op.Cuda is not null).Select(op => OnGpu(op, op.Cuda!, gpu, staged, sums));

        // A node that the CUDA provider leaves to the processor must find a kernel there: its function is not inlined once the operator is known.
        IEnumerable<CustomOp> here = All.Where(op => op.Cuda is not null && !staged);
        return OpBridge.CreateDomain(Domain, ops.Concat(here));
    }

    private static CustomOp OnGpu(CustomOp op, CudaForm form, Gpu gpu, bool staged, GradientSum sums) => staged
        ? op with { Create = attributes => new StagedKernel(gpu, form.Create(attributes), sums) }
        : op with { Create = attributes => new ProviderKernel(gpu, form.Create(attributes), sums), Provider = ProviderKernel.Provider };

    private static MatchingWeights Weights(OpAttributes attributes)
        => new(attributes.Float("class_weight"), attributes.Float("mask_weight"), attributes.Float("dice_weight"));

    private static ElementType[] Floats(int count) => [.. Enumerable.Repeat(ElementType.Float, count)];
}
