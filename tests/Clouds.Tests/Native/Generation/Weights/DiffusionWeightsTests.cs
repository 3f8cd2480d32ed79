using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Weights;

namespace Clouds.Tests.Native.Generation.Weights;

/// <summary>Checkpoints of Stable Diffusion as folders hold them.</summary>
[Kind(TestKind.Fast)]
public sealed class DiffusionWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_OfAFolder_ReadsConfigurationsAndFindsEveryTensor()
    {
        TinyDiffusion tiny = new();
        tiny.Save(_folder);
        DiffusionWeights weights = DiffusionWeights.Open(_folder.Path);
        Assert.Equal(tiny.Config.UNet.Widths, weights.Config.UNet.Widths);
        Assert.Equal(tiny.Config.UNet.Heads, weights.Config.UNet.Heads);
        Assert.Equal(tiny.Config.TextEncoder, weights.Config.TextEncoder);
        Assert.Equal((16, TinyDiffusion.Tokens - 1), (weights.Config.Side, weights.Config.Padding));
        SamplerConfig sampler = weights.Config.Sampler;
        Assert.Equal((SamplerKind.Pndm, Prediction.Epsilon, 1), (sampler.Kind, sampler.Prediction, sampler.StepsOffset));
        foreach (DiffusionPart part in Enum.GetValues<DiffusionPart>())
        {
            using FrozenWeights frozen = weights.Freeze(part);
            Assert.Equal(weights.Config.ParametersOf(part).Select(p => p.Name), frozen.Tensors.Select(tensor => tensor.Name));
        }

        Assert.Equal(["model_index.json", "scheduler/scheduler_config.json", "text_encoder/config.json", "text_encoder/model.safetensors"],
            weights.Digest().Select(file => file.Name).Where(name => !name.StartsWith("un") && !name.StartsWith("va") && !name.StartsWith("tok")).Order());
    }

    [Fact]
    public void Open_OfOtherLatents_TakesThemFromBothPartsAndPaints()
    {
        Latents(denoiser: 8, autoencoder: 8).Save(_folder);
        DiffusionConfig config = DiffusionWeights.Open(_folder.Path).Config;
        Assert.Equal((8, 8), (config.UNet.Latents, config.Autoencoder.Latents));
        using StableDiffusion painter = StableDiffusion.Load(_folder.Path, new StableDiffusionOptions { Threads = 1 });
        PaintedImage painted = painter.Paint([new PaintRequest { Prompt = "a photo of a bus", Seed = 5, Steps = 2, Width = 22, Height = 14 }])[0];
        Assert.True(painted.Image.Pixels.Distinct().Count() > 30);
    }

    [Fact]
    public void Open_OfPartsWithDifferentLatents_SaysBothNumbers()
    {
        Latents(denoiser: 8, autoencoder: 4).Save(_folder);
        string told = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path)).Message;
        Assert.Contains("an autoencoder of 4 latents", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("diffusion_pytorch_model.fp16.safetensors")]
    [InlineData("diffusion_pytorch_model.non_ema.safetensors")]
    [InlineData("model.safetensors")]
    public void Open_OfAVariant_TakesItWhereNothingElseIsThere(string name)
    {
        new TinyDiffusion { Type = WeightType.F16 }.Save(_folder);
        File.Move(_folder["unet/diffusion_pytorch_model.safetensors"], _folder[$"unet/{name}"]);
        using FrozenWeights frozen = DiffusionWeights.Open(_folder.Path).Freeze(DiffusionPart.UNet);
        Assert.All(frozen.Tensors, tensor => Assert.Equal(WeightType.F16, tensor.Type));
    }

    [Fact]
    public void Open_OfSeveralVariants_TakesThePlainOne()
    {
        new TinyDiffusion().Save(_folder);
        new TinyDiffusion { Type = WeightType.F16 }.WriteWeights(_folder["unet/diffusion_pytorch_model.fp16.safetensors"], DiffusionPart.UNet);
        File.WriteAllText(_folder["unet/diffusion_pytorch_model.bin"], "no pickle");
        using FrozenWeights frozen = DiffusionWeights.Open(_folder.Path).Freeze(DiffusionPart.UNet);
        Assert.All(frozen.Tensors, tensor => Assert.Equal(WeightType.F32, tensor.Type));
    }

    [Fact]
    public void Open_OfAnEarlyAutoencoder_ReadsItsNames()
    {
        TinyDiffusion tiny = new();
        tiny.Save(_folder);
        static string Early(string name) => name
            .Replace(".to_q.", ".query.").Replace(".to_k.", ".key.").Replace(".to_v.", ".value.").Replace(".to_out.0.", ".proj_attn.");
        tiny.WriteWeights(_folder["vae/diffusion_pytorch_model.safetensors"], DiffusionPart.Autoencoder, Early);
        using FrozenWeights frozen = DiffusionWeights.Open(_folder.Path).Freeze(DiffusionPart.Autoencoder);
        Assert.Contains(frozen.Tensors, tensor => tensor.Name == "decoder.mid_block.attentions.0.to_q.weight");
    }

    [Theory]
    [InlineData("in_channels", "9", "inpainting")]
    [InlineData("in_channels", "8", "instructions")]
    [InlineData("out_channels", "8", "in_channels = 8")]
    [InlineData("addition_embed_type", "\"text_time\"", "Stable Diffusion XL")]
    [InlineData("time_cond_proj_dim", "256", "latent consistency")]
    [InlineData("class_embed_type", "\"projection\"", "unCLIP")]
    [InlineData("transformer_layers_per_block", "[1, 2, 10]", "Stable Diffusion XL")]
    [InlineData("_class_name", "\"FluxTransformer2DModel\"", "FluxTransformer2DModel")]
    [InlineData("flip_sin_to_cos", "false", "flip_sin_to_cos")]
    [InlineData("cross_attention_dim", "40", "width 32")]
    [InlineData("down_block_types", """["DownBlock2D", "DownBlock2D"]""", "DownBlock2D")]
    [InlineData("attention_head_dim", "[3, 3]", "heads")]
    public void Open_OfAnotherKindOfCheckpoint_RefusesItByWhatItFound(string key, string value, string told)
    {
        TinyDiffusion tiny = new();
        tiny.Save(_folder);
        JsonObject unet = tiny.UNet;
        unet[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder["unet/config.json"], unet.ToJsonString());
        CloudsException refused = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path));
        Assert.Equal(Failure.Weights, refused.Failure);
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("StableDiffusionXLPipeline")]
    [InlineData("StableDiffusionInpaintPipeline")]
    [InlineData("LatentConsistencyModelPipeline")]
    public void Open_OfAnotherPipeline_NamesIt(string pipeline)
    {
        new TinyDiffusion().Save(_folder);
        File.WriteAllText(_folder["model_index.json"], $$"""{"_class_name": "{{pipeline}}"}""");
        Assert.Contains(pipeline, Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("_class_name", "\"UniPCMultistepScheduler\"", "UniPCMultistepScheduler", SamplerKind.Euler)]
    [InlineData("skip_prk_steps", "false", "PNDMScheduler with skip_prk_steps = false", SamplerKind.Pndm)]
    [InlineData("skip_prk_steps", "null", "PNDMScheduler with skip_prk_steps = false", SamplerKind.Pndm)]
    [InlineData("use_beta_sigmas", "true", "PNDMScheduler with use_beta_sigmas = true", SamplerKind.Pndm)]
    [InlineData("_class_name", "\"DDIMScheduler\"", "DDIMScheduler with clip_sample = true", SamplerKind.Ddim)]
    [InlineData("algorithm_type", "\"sde-dpmsolver++\"", null, SamplerKind.Pndm)]
    public void Open_OfASamplerThatIsNoneOfOurs_SaysSo(string key, string value, string? told, SamplerKind taken)
    {
        new TinyDiffusion().Save(_folder);
        string file = _folder["scheduler/scheduler_config.json"];
        JsonObject scheduler = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        scheduler[key] = JsonNode.Parse(value);
        File.WriteAllText(file, scheduler.ToJsonString());

        List<string> warnings = [];
        StableDiffusion.Load(_folder.Path, new StableDiffusionOptions { Warn = warnings.Add }).Dispose();

        Assert.Equal(taken, DiffusionWeights.Open(_folder.Path).Config.Sampler.Kind);
        Assert.Equal(told is null ? 0 : 1, warnings.Count(warning => warning.Contains($"its sampler is {told},", StringComparison.Ordinal)));
        Assert.Equal(told is null ? 0 : 1, warnings.Count);
    }

    [Fact]
    public void Open_OfAFolderWithoutAPart_SaysWhichOneIsMissing()
    {
        new TinyDiffusion().Save(_folder);
        File.Delete(_folder["vae/diffusion_pytorch_model.safetensors"]);
        CloudsException refused = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path));
        Assert.Contains("vae", refused.Message, StringComparison.Ordinal);
        Assert.Contains("diffusion_pytorch_model.safetensors", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfTensorsUnderOtherNames_ListsTheNearest()
    {
        TinyDiffusion tiny = new();
        tiny.Save(_folder);
        tiny.WriteWeights(_folder["unet/diffusion_pytorch_model.safetensors"], DiffusionPart.UNet, name => name == "conv_in.weight" ? "conv_in.weigth" : name);
        CloudsException refused = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path));
        Assert.Contains("near: conv_in.weigth", refused.Message, StringComparison.Ordinal);
    }

    private static TinyDiffusion Latents(int denoiser, int autoencoder)
    {
        DiffusionConfig usual = new TinyDiffusion().Config;
        return new TinyDiffusion
        {
            Config = usual with
            {
                UNet = usual.UNet with { Latents = denoiser }, Autoencoder = usual.Autoencoder with { Latents = autoencoder },
            },
        };
    }
}
