using Clouds.Graph.Weights;
using Clouds.Tests.Graph.Weights.Torch;
using Clouds.Tests.Models;

namespace Clouds.Tests.Training.Released;

/// <summary>The published files of the paper's networks at full size, each in its container and its types, full of made-up numbers.</summary>
internal static class PublishedFiles
{
    private static readonly Dictionary<string, Action<string>> Writers = new()
    {
        ["RN50.pt"] = path => PublishedContainer.Script(path, PublishedKeys.Of("clip_rn50")),
        ["RN101.pt"] = path => PublishedContainer.Script(path, PublishedKeys.Of("clip_rn101")),
        ["open_clip_pytorch_model.bin"] = path => PublishedContainer.Zip(path, PublishedKeys.Of("open_clip_convnext_large_d_320")),
        ["open_clip_model.safetensors"] = path => PublishedContainer.Safetensors(path, PublishedKeys.Of("open_clip_convnext_large_d_320")),
        ["resnet50-19c8e357.pth"] = path => PublishedContainer.Legacy(path, Older(PublishedKeys.Of("torchvision_resnet50"))),
        ["resnet101-63fe2227.pth"] = path => PublishedContainer.Zip(path, PublishedKeys.Of("torchvision_resnet101")),
        ["mit_b5.pth"] = path => PublishedContainer.Legacy(path, PublishedKeys.Of("mit_b5")),
        ["clouds_convnext_l.pth"] = path => PublishedContainer.Zip(path, PublishedKeys.Of("clouds_convnext_l"), "model"),
        ["fcclip_cocopan.pth"] = path => PublishedContainer.Zip(path, FcClip(PublishedKeys.Of("clouds_convnext_l")), "model"),
        ["clouds_rn50.pth"] = path => PublishedContainer.Zip(path, PublishedKeys.Of("clouds_rn50"), "model"),
        ["clouds_rn101.pth"] = path => PublishedContainer.Legacy(path, PublishedKeys.Of("clouds_rn101"), "model"),
        ["model_final_cc1b1f.pkl"] = path => PublishedContainer.Arrayed(path, Mask2Former(), "model"),
        ["mask2former_r50.pth"] = path => PublishedContainer.Zip(path, Mask2Former(), "model"),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => Writers.Keys;

    /// <summary>Writes one.</summary>
    public static void Write(string name, string path) => Writers[name](path);

    // Files of before PyTorch 0.4.1 count no batches.
    private static IReadOnlyList<TensorDeclaration> Older(IReadOnlyList<TensorDeclaration> tensors) =>
        [.. tensors.Where(tensor => tensor.Type != WeightType.I64)];

    private static IReadOnlyList<TensorDeclaration> FcClip(IReadOnlyList<TensorDeclaration> tensors) =>
    [
        .. tensors.Select(tensor => tensor.Name switch
        {
            "criterion.empty_weight" => new TensorDeclaration(tensor.Name, tensor.Type, [134]),
            "sem_seg_head.predictor.query_feat.weight" or "sem_seg_head.predictor.query_embed.weight" => new(tensor.Name, tensor.Type, [250, 256]),
            _ => tensor,
        }),
    ];

    // Its frozen normalisation counts no batches, and ImageNet's classifier is gone.
    private static IReadOnlyList<TensorDeclaration> Mask2Former() =>
    [
        .. Older(PublishedKeys.Of("torchvision_resnet50")).Where(tensor => !tensor.Name.StartsWith("fc.", StringComparison.Ordinal))
            .Select(tensor => tensor with { Name = Detectron2Names.Of($"backbone.{tensor.Name}") }),
        .. PublishedKeys.Of("mask2former_r50_sem_head"),
    ];
}
