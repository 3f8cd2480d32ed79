using Clouds.Models.Diffusion;

namespace Clouds.Native.Generation.Weights;

/// <summary>Configurations of networks as diffusers and transformers write them, "config.json".</summary>
internal static class PartConfiguration
{
    private const string ExtraLarge = "Stable Diffusion XL";
    private const string Consistency = "a latent consistency model";

    // Channels of a latent image: Stable Diffusion's 4, which is also diffusers' default.
    private const int UsualLatents = 4, MostLatents = 64;

    private const string Looking = "CrossAttnDownBlock2D";
    private const string Plain = "DownBlock2D";

    /// <summary>The text encoder: CLIPTextModel.</summary>
    public static TextEncoderConfig TextEncoder(PartSettings settings)
    {
        string architecture = settings.Has("architectures") ? settings.Words("architectures").FirstOrDefault() ?? "" : "CLIPTextModel";
        if (architecture != "CLIPTextModel")
        {
            throw settings.Other($"a text encoder {architecture}", "CLIPTextModel");
        }

        int width = settings.Number("hidden_size", 512);
        settings.Require("intermediate_size", $"{4 * width}", "2048");
        settings.Require("layer_norm_eps", "1e-5", "1e-5");
        string activation = settings.Word("hidden_act", "quick_gelu");
        return new TextEncoderConfig
        {
            Width = width,
            Heads = settings.Number("num_attention_heads", 8),
            Layers = settings.Number("num_hidden_layers", 12, 256),
            Context = settings.Number("max_position_embeddings", 77, 4096),
            Vocabulary = settings.Number("vocab_size", 49408),
            QuickGelu = activation == "quick_gelu" || (activation == "gelu" ? false : throw settings.Other($"hidden_act = {activation}", "quick_gelu or gelu")),
        };
    }

    /// <summary>The denoiser: UNet2DConditionModel.</summary>
    public static UNetConfig UNet(PartSettings settings)
    {
        settings.Require("_class_name", "UNet2DConditionModel");
        RequirePlain(settings);
        int[] widths = settings.Widths("block_out_channels");
        (int from, int until) = Text(settings, widths.Length);
        return new UNetConfig
        {
            Latents = settings.Number("out_channels", UsualLatents, MostLatents),
            Widths = widths,
            Heads = settings.Numbers("attention_head_dim", widths.Length, 8),
            TextFrom = from,
            TextResolutions = until,
            Blocks = settings.Number("layers_per_block", 2, 16),
            TextWidth = settings.Number("cross_attention_dim", 1280),
            Groups = settings.Number("norm_num_groups", 32),
            LinearProjection = settings.IsTrue("use_linear_projection"),
        };
    }

    /// <summary>Side of the latent images that a UNet was trained on.</summary>
    public static int SampleSide(PartSettings settings) => settings.Number("sample_size", 64, 1024);

    /// <summary>The autoencoder: AutoencoderKL.</summary>
    public static AutoencoderConfig Autoencoder(PartSettings settings)
    {
        settings.Require("_class_name", "AutoencoderKL");
        settings.Require("in_channels", "3");
        settings.Require("out_channels", "3");
        settings.Require("act_fn", "silu");
        settings.Require("use_quant_conv", "true");
        settings.Require("use_post_quant_conv", "true");
        settings.Require("mid_block_add_attention", "true");
        settings.RequireAbsent("shift_factor", "the autoencoder of a later model");
        settings.RequireAbsent("latents_mean", "the autoencoder of a later model");
        return new AutoencoderConfig
        {
            Latents = settings.Number("latent_channels", UsualLatents, MostLatents),
            Widths = settings.Widths("block_out_channels"),
            Blocks = settings.Number("layers_per_block", 1, 16),
            Groups = settings.Number("norm_num_groups", 32),
            Scale = settings.Real("scaling_factor", 0.18215),
        };
    }

    private static void RequirePlain(PartSettings settings)
    {
        settings.RequireAbsent("addition_embed_type", ExtraLarge);
        settings.RequireAbsent("time_cond_proj_dim", Consistency);
        settings.RequireAbsent("class_embed_type", "a denoiser with classes, such as unCLIP or an upscaler");
        settings.RequireAbsent("num_class_embeds", "a denoiser with classes, such as unCLIP or an upscaler");
        settings.RequireAbsent("encoder_hid_dim_type", "a denoiser that sees more than a text");
        settings.RequireAbsent("dual_cross_attention", "a denoiser of two texts");
        settings.RequireAbsent("only_cross_attention", "an upscaler");
        settings.Require("in_channels", $"{settings.Number("out_channels", UsualLatents, MostLatents)}", absent: $"{UsualLatents}",
            otherwise: "of Stable Diffusion's relatives an inpainting checkpoint has 9, one edited by instructions 8, one of depth 5");
        settings.Require("transformer_layers_per_block", "1", otherwise: ExtraLarge);
        settings.Require("act_fn", "silu");
        settings.Require("norm_eps", "1e-5");
        settings.Require("flip_sin_to_cos", "true");
        settings.Require("freq_shift", "0");
        settings.Require("center_input_sample", "false");
        settings.Require("downsample_padding", "1");
        settings.Require("mid_block_scale_factor", "1");
        settings.Require("mid_block_type", "UNetMidBlock2DCrossAttn");
        settings.Require("resnet_time_scale_shift", "default");
    }

    // Resolutions in a row look at the text, Stable Diffusion's finest ones, the others do not, and on the way up it is the same.
    private static (int From, int Until) Text(PartSettings settings, int resolutions)
    {
        if (!settings.Has("down_block_types"))
        {
            return (0, resolutions - 1);
        }

        string[] down = settings.Words("down_block_types"), up = settings.Words("up_block_types");
        int from = down.TakeWhile(block => block == Plain).Count(), until = from + down.Skip(from).TakeWhile(block => block == Looking).Count();
        bool fits = down.Length == resolutions && down.Skip(until).All(block => block == Plain)
            && up.Reverse().SequenceEqual(down.Select(block => block.Replace("Down", "Up", StringComparison.Ordinal)));
        return fits ? (from, until) : throw settings.Other($"blocks {string.Join(", ", down)}, and {string.Join(", ", up)}",
            $"{resolutions} blocks down, those of {Looking} in a row and {Plain} before and behind them, and the same up");
    }
}
