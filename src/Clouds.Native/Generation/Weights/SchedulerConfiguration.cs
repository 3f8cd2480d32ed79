using Clouds.Models.Diffusion.Sampling;

namespace Clouds.Native.Generation.Weights;

/// <summary>diffusers' scheduler_config.json: the sampler, what the network predicts, and the noise that it was trained on.</summary>
internal static class SchedulerConfiguration
{
    private static readonly Dictionary<string, SamplerKind> Kinds = new(StringComparer.Ordinal)
    {
        ["EulerDiscreteScheduler"] = SamplerKind.Euler,
        ["EulerAncestralDiscreteScheduler"] = SamplerKind.EulerAncestral,
        ["DDIMScheduler"] = SamplerKind.Ddim,
        ["PNDMScheduler"] = SamplerKind.Pndm,
        ["DPMSolverMultistepScheduler"] = SamplerKind.DpmSolver,
    };

    // Other rules on the same noise: the network can be asked by any of ours.
    private static readonly string[] Others =
    [
        "LMSDiscreteScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "DPMSolverSinglestepScheduler",
        "UniPCMultistepScheduler", "DEISMultistepScheduler", "DPMSolverSDEScheduler", "DDPMScheduler",
    ];

    // What changes the steps of a rule and has no setting here: its rule (null: any), the value that ours have, and what its absence means.
    private static readonly (SamplerKind? Kind, string Key, string Ours, string? Absent)[] Variants =
    [
        (SamplerKind.Ddim, "clip_sample", "false", "true"),
        (SamplerKind.Pndm, "skip_prk_steps", "true", "false"),
        (SamplerKind.DpmSolver, "algorithm_type", "dpmsolver++", null),
        (SamplerKind.DpmSolver, "solver_type", "midpoint", null),
        (SamplerKind.DpmSolver, "solver_order", "2", null),
        (SamplerKind.DpmSolver, "lower_order_final", "true", null),
        (SamplerKind.DpmSolver, "euler_at_final", "false", null),
        (null, "use_lu_lambdas", "false", null),
        (null, "use_flow_sigmas", "false", null),
        (null, "use_exponential_sigmas", "false", null),
        (null, "use_beta_sigmas", "false", null),
        (null, "final_sigmas_type", "zero", null),
        (null, "interpolation_type", "linear", null),
        (null, "timestep_type", "discrete", null),
    ];

    /// <summary>What the checkpoint asks for that no sampler here does: its rule, or settings of it; null: nothing.</summary>
    public static string? Foreign(PartSettings settings)
    {
        string name = settings.Word("_class_name", "");
        if (!Kinds.TryGetValue(name, out SamplerKind kind))
        {
            return name;
        }

        string[] found = [.. Variants.Where(variant => variant.Kind is null || variant.Kind == kind)
            .Select(variant => settings.Deviation(variant.Key, variant.Ours, variant.Absent)).OfType<string>()];
        return found.Length == 0 ? null : $"{name} with {string.Join(", ", found)}";
    }

    /// <summary>Reads one. A rule that is none of ours (<see cref="Foreign"/>) is read as Euler's.</summary>
    public static SamplerConfig Read(PartSettings settings)
    {
        string name = settings.Word("_class_name", "");
        if (!Kinds.TryGetValue(name, out SamplerKind kind) && !Others.Contains(name))
        {
            throw settings.Other($"the scheduler {name}", string.Join(", ", Kinds.Keys.Concat(Others)));
        }

        RequireNoise(settings);
        return new SamplerConfig
        {
            Kind = kind,
            Prediction = settings.Word("prediction_type", "epsilon") switch
            {
                "epsilon" => Prediction.Epsilon,
                "v_prediction" => Prediction.V,
                string other => throw settings.Other($"prediction_type = {other}", "epsilon or v_prediction"),
            },
            Spacing = Spacing(settings),
            StepsOffset = settings.Has("steps_offset") ? (int)settings.Real("steps_offset", 0) : 0,
            SetAlphaToOne = settings.IsTrue("set_alpha_to_one", kind == SamplerKind.Ddim),
            KarrasSigmas = settings.IsTrue("use_karras_sigmas"),
            Noise = new NoiseSchedule(
                settings.Number("num_train_timesteps", 1000, 100_000), settings.Real("beta_start", 0.0001), settings.Real("beta_end", 0.02)),
        };
    }

    private static void RequireNoise(PartSettings settings)
    {
        settings.Require("beta_schedule", "scaled_linear", "linear");
        settings.RequireAbsent("trained_betas", "a table of noise of its own");
        settings.Require("rescale_betas_zero_snr", "false");
        settings.Require("thresholding", "false");
    }

    private static TimeSpacing? Spacing(PartSettings settings) => settings.Has("timestep_spacing")
        ? settings.Word("timestep_spacing", "") switch
        {
            "linspace" => TimeSpacing.Linspace,
            "leading" => TimeSpacing.Leading,
            "trailing" => TimeSpacing.Trailing,
            string other => throw settings.Other($"timestep_spacing = {other}", "linspace, leading or trailing"),
        }
        : null;
}
