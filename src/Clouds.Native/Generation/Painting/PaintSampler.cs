using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Native.Generation.Painting;

/// <summary>The rule by which steps go from noise to an image.</summary>
public enum PaintSampler
{
    /// <summary>Euler's rule in sigma (Karras et al. 2022): CLOUDS' own.</summary>
    Euler = SamplerKind.Euler,

    /// <summary>The same with fresh noise in each step.</summary>
    EulerAncestral = SamplerKind.EulerAncestral,

    /// <summary>Denoising diffusion implicit models (Song et al. 2021), without noise.</summary>
    Ddim = SamplerKind.Ddim,

    /// <summary>Pseudo linear multi-steps (Liu et al. 2022): Stable Diffusion 1.5's own.</summary>
    Pndm = SamplerKind.Pndm,

    /// <summary>DPM-Solver++ of second order, multi-step (Lu et al. 2022).</summary>
    DpmSolver = SamplerKind.DpmSolver,
}
