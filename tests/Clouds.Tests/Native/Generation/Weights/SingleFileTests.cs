using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Weights;
using Clouds.Tests.Native.Catalogue;

namespace Clouds.Tests.Native.Generation.Weights;

/// <summary>Checkpoints in one file, under the names of their authors and under ours.</summary>
[Kind(TestKind.Fast)]
public sealed class SingleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder["checkpoint.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_OfVersionOneAsPublished_TellsItsSizesAndFindsEveryTensor()
    {
        HollowFile.Write(Checkpoint, ModelCatalogue.BuiltIn["sd15"].List.Tensors);
        DiffusionConfig config = DiffusionWeights.Open(Checkpoint).Config;
        AssertSame(UNetConfig.V1, config.UNet);
        Assert.Equal(TextEncoderConfig.V1, config.TextEncoder);
        Assert.Equal((Prediction.Epsilon, 512, 49407), (config.Sampler.Prediction, config.Side, config.Padding));
    }

    [Fact]
    public void Open_OfVersionTwoAsPublished_SplitsItsMatricesAndLeavesTheLastLayer()
    {
        HollowFile.Write(Checkpoint, ModelCatalogue.BuiltIn["sd2"].List.Tensors);
        DiffusionConfig config = DiffusionWeights.Open(Checkpoint).Config;
        AssertSame(UNetConfig.V2, config.UNet);
        Assert.Equal(TextEncoderConfig.V2, config.TextEncoder);
        Assert.Equal((Prediction.V, 768, 0), (config.Sampler.Prediction, config.Side, config.Padding));
        Assert.Equal((Prediction.Epsilon, 512), Told(DiffusionWeights.Open(Checkpoint, Prediction.Epsilon).Config));
    }

    [Theory]
    [InlineData("model:\n  params:\n    parameterization: \"v\"\n", Prediction.V)]
    [InlineData("model:\n  params:\n    linear_start: 0.00085\n", Prediction.Epsilon)]
    public void Open_WithTheAuthorsSettingsBesideIt_ReadsWhatItPredicts(string settings, Prediction expected)
    {
        HollowFile.Write(Checkpoint, ModelCatalogue.BuiltIn["sd2"].List.Tensors);
        File.WriteAllText(_folder["checkpoint.yaml"], settings);
        Assert.Equal(expected, DiffusionWeights.Open(Checkpoint).Config.Sampler.Prediction);
    }

    // What `clouds model import` makes of a published file.
    [Fact]
    public void Open_OfAnImportedFile_ReadsOurNames()
    {
        CatalogueEntry entry = ModelCatalogue.BuiltIn["sd2"];
        IEnumerable<ListedTensor> taken = entry.List.Tensors.Where(tensor => !tensor.Ignored);
        HollowFile.Write(Checkpoint, taken.Select(tensor => tensor with { Name = entry.Map.Translate(tensor.Name) }));
        DiffusionWeights weights = DiffusionWeights.Open(Checkpoint);
        Assert.Equal("single file", weights.Layout);
        AssertSame(UNetConfig.V2, weights.Config.UNet);
    }

    [Theory]
    [InlineData("conditioner.embedders.0.transformer.weight", "Stable Diffusion XL")]
    [InlineData("model.diffusion_model.joint_blocks.0.x", "Stable Diffusion 3")]
    [InlineData("model.diffusion_model.time_embed.cond_proj.weight", "latent consistency")]
    [InlineData("lora_unet_down_blocks_0.lora_up.weight", "LoRA")]
    [InlineData("control_model.input_blocks.0.0.weight", "ControlNet")]
    [InlineData("backbone.conv1.weight", "backbone.conv1.weight")]
    public void Open_OfSomethingElse_SaysWhatItIs(string tensor, string told)
    {
        HollowFile.Write(Checkpoint, [new ListedTensor(tensor, WeightType.F16, [4, 4], Optional: false, Ignored: false)]);
        CloudsException refused = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(Checkpoint));
        Assert.Equal(Failure.Weights, refused.Failure);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAnInpaintingCheckpoint_NamesItsChannels()
    {
        HollowFile.Write(Checkpoint, ModelCatalogue.BuiltIn["sd15"].List.Tensors.Select(
            tensor => tensor.Name.EndsWith("input_blocks.0.0.weight") ? tensor with { Shape = [320, 9, 3, 3] } : tensor));
        Assert.Contains("9 input channels", Assert.Throws<CloudsException>(() => DiffusionWeights.Open(Checkpoint)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAFileWithoutATextEncoder_ListsWhatIsMissing()
    {
        HollowFile.Write(Checkpoint, ModelCatalogue.BuiltIn["sd15"].List.Tensors.Where(tensor => !tensor.Name.StartsWith("cond_stage")));
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => DiffusionWeights.Open(Checkpoint)).Failure);
    }

    [Fact]
    public void Parts_OfAFusedMatrix_AreItsRowsInTheOrderQueryKeyValue()
    {
        using (SafetensorsWriter writer = new(Checkpoint,
            [new("t.layers.0.self_attn.in_proj_weight", WeightType.F32, [6, 2]), new("t.mid_block.attentions.0.to_q.weight", WeightType.F32, [2, 2, 1, 1])]))
        {
            writer.Write<float>("t.layers.0.self_attn.in_proj_weight", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
            writer.Write<float>("t.mid_block.attentions.0.to_q.weight", [1, 2, 3, 4]);
            writer.Commit();
        }

        using WeightSource part = SingleFileParts.Of(WeightSource.Open(Checkpoint), "t.");
        Assert.Equal([1, 2, 3, 4], part.ReadFloats("layers.0.self_attn.q_proj.weight"));
        Assert.Equal([5, 6, 7, 8], part.ReadFloats("layers.0.self_attn.k_proj.weight"));
        Assert.Equal([9, 10, 11, 12], part.ReadFloats("layers.0.self_attn.v_proj.weight"));
        Assert.Equal([2, 2], part.Entry("mid_block.attentions.0.to_q.weight").Shape);
    }

    private static (Prediction, int) Told(DiffusionConfig config) => (config.Sampler.Prediction, config.Side);

    private static void AssertSame(UNetConfig expected, UNetConfig found)
    {
        Assert.Equal(expected.Widths, found.Widths);
        Assert.Equal(expected.Heads, found.Heads);
        Assert.Equal(expected with { Widths = found.Widths, Heads = found.Heads }, found);
    }
}
