namespace Clouds.Verification.Kernels;

/// <summary>Every kernel family that can be verified and timed; a new one is a class and a row.</summary>
public static class KernelFamilies
{
    /// <summary>In the order of the tables.</summary>
    public static IReadOnlyList<KernelFamily> All { get; } =
    [
        new("connected_components", ["components_tile.cu", "components_seams.cu", "components_table.cu"], ConnectedComponentsProblem.Table),
        new("connected_components_labels", ["components_labels.cu"], ConnectedComponentsProblem.Labels),
        new("component_points", ["component_points.cu"], ComponentPointsProblem.Make),
        new("mask_merge", ["mask_merge.cu"], MaskMergeProblem.Make),
        new("mask_merge_half", ["mask_merge.cu"], MaskMergeProblem.MakeHalf),
        new("ema", ["ema.cu"], EmaProblem.Make),
        new("uniform_draws", ["uniform_draws.cu"], UniformDrawsProblem.Make),
        new("adamw", ["adamw.cu"], AdamWProblem.Make),
        new("ms_deform_attn", ["ms_deform_attn.cu"], MsDeformAttnProblem.Forward),
        new("ms_deform_attn_backward", ["ms_deform_attn.cu"], MsDeformAttnProblem.Backward),
        new("ms_deform_attn_backward_any_order", ["ms_deform_attn.cu"], MsDeformAttnProblem.BackwardAnyOrder),
        new("ms_deform_attn_half", ["ms_deform_attn_half.cu"], MsDeformAttnProblem.HalfForward),
        new("ms_deform_attn_half_backward", ["ms_deform_attn_half.cu"], MsDeformAttnProblem.HalfBackward),
        new("row_width", ["row_width.cu"], RowWidthProblem.Make),
        new("group_norm", ["group_norm.cu"], GroupNormProblem.Forward),
        new("group_norm_backward", ["group_norm.cu"], GroupNormProblem.Backward),
        new("layer_norm_backward", ["layer_norm.cu"], LayerNormProblem.Backward),
        new("point_sample", ["point_sample.cu"], PointSampleProblem.Forward),
        new("point_sample_backward", ["point_sample.cu"], PointSampleProblem.Backward),
        new("scatter_add", ["scatter_add.cu"], ScatterAddProblem.Make),
        new("uncertain_points", ["uncertain_points.cu"], UncertainPointsProblem.Make),
        new("matching_cost", ["matching_cost.cu"], MatchingCostProblem.Make),
        new("assign", ["assign.cu"], AssignmentProblem.Make),
        new("semantic_inference", ["semantic_inference.cu"], SemanticInferenceProblem.Make),
        new("resized_labels", ["resized_labels.cu"], ResizedLabelsProblem.Make),
    ];
}
