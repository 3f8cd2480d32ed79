using Clouds.Models.Diffusion;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>Sizes of latent diffusion's networks that belong together.</summary>
internal static class LatentSizes
{
    /// <summary>Refuses an autoencoder that cannot be built, and images that it cannot halve.</summary>
    public static void Require(SettingsRule rule, AutoencoderConfig network, int width, int height)
    {
        rule.Require(network.Widths.Count > 1, "network.widths", $"{network.Widths.Count} resolutions", "2 or more");
        rule.Require(network.Widths.All(channels => channels > 0 && channels % network.Groups == 0), "network.widths, network.groups",
            $"[{string.Join(", ", network.Widths)}], {network.Groups}", "multiples of the groups");
        rule.Require(width > 0 && height > 0 && width % network.Stride == 0 && height % network.Stride == 0, "width, height", $"{width} x {height}",
            $"multiples of {network.Stride}, the autoencoder's stride");
    }

    /// <summary>Refuses a denoiser that cannot be built, or not on latents of this size.</summary>
    public static void Require(SettingsRule rule, UNetConfig network, int width, int height)
    {
        int halved = 1 << (network.Widths.Count - 1);
        rule.Require(network.Widths.Count > 1 && network.Widths.Count == network.Heads.Count, "network.widths, network.heads",
            $"{network.Widths.Count} and {network.Heads.Count}", "2 or more, as many of both");
        rule.Require(network.Widths.All(channels => channels > 0 && channels % network.Groups == 0), "network.widths, network.groups",
            $"[{string.Join(", ", network.Widths)}], {network.Groups}", "multiples of the groups");
        rule.Require(network.Widths.Zip(network.Heads).All(pair => pair.Second > 0 && pair.First % pair.Second == 0), "network.widths, network.heads",
            $"[{string.Join(", ", network.Widths)}], [{string.Join(", ", network.Heads)}]", "widths that their heads divide");
        rule.Require(width % halved == 0 && height % halved == 0, "width, height", $"latents of {width} x {height}",
            $"multiples of {halved}, so that they halve as often as the denoiser wants");
    }
}
