namespace Clouds.Native.Generation.Weights;

/// <summary>The networks of Stable Diffusion, each with weights of its own.</summary>
internal enum DiffusionPart
{
    /// <summary>Tokens to vectors: CLIP's text tower.</summary>
    TextEncoder,

    /// <summary>The denoiser.</summary>
    UNet,

    /// <summary>Latents to images and back.</summary>
    Autoencoder,
}
