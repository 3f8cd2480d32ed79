using System.Text.Json;
using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Verification.Golden.Modules;

/// <summary>The sampler of a text-to-image case: "PNDM", "Euler_v", "DPM_karras"; its scheduler's configuration, or Stable Diffusion's.</summary>
internal static class NamedSampler
{
    /// <summary>The rule; null where none here has that name.</summary>
    public static SamplerKind? KindOf(CaseConfig config) => config.Text("t2i").Split('_')[0] switch
    {
        "Euler" or "EulerDiscreteScheduler" => SamplerKind.Euler,
        "DDIM" or "DDIMScheduler" => SamplerKind.Ddim,
        "PNDM" or "PNDMScheduler" => SamplerKind.Pndm,
        "DPM" or "DPMSolverMultistepScheduler" => SamplerKind.DpmSolver,
        _ => null,
    };

    /// <summary>The sampler of a case whose rule is known.</summary>
    public static SamplerConfig Of(CaseConfig config)
    {
        SamplerKind kind = KindOf(config)!.Value;
        string[] marks = config.Text("t2i").Split('_');
        return config["scheduler"].ValueKind == JsonValueKind.Object
            ? SamplerModule.Config(config.Section("scheduler"), kind)
            : new SamplerConfig
            {
                Kind = kind,
                Prediction = marks.Contains("v") ? Prediction.V : Prediction.Epsilon,
                Spacing = marks.Contains("linspace") ? TimeSpacing.Linspace : marks.Contains("trailing") ? TimeSpacing.Trailing : TimeSpacing.Leading,
                KarrasSigmas = marks.Contains("karras"),
            };
    }
}
