using Clouds.Models.Diffusion.Sampling;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Samplers of diffusion models: tables, and every step of a run on recorded predictions.</summary>
internal sealed class SamplerModule : IGoldenModule
{
    public string Name => "sd_scheduler";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = KindOf(golden.Config.Text("class")) is null ? $"the scheduler {golden.Config.Text("class")}" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        SamplerConfig config = Config(golden.Config, KindOf(golden.Config.Text("class"))!.Value);
        SamplingPlan plan = config.Plan(golden.Config.Int("num_inference_steps"));
        Dictionary<string, GoldenTensor> outputs = Steps(golden, plan);
        outputs["timesteps"] = golden.Tensor("timesteps").IsFloat
            ? new GoldenTensor([.. plan.Steps.Select(step => step.Time)], plan.Steps.Count)
            : new GoldenTensor([.. plan.Steps.Select(step => (long)step.Time)], plan.Steps.Count);
        outputs["alphas_cumprod"] = new GoldenTensor([.. config.Noise.Cumulative], config.Noise.Steps);
        outputs["init_noise_sigma"] = new GoldenTensor([plan.Start]);
        outputs["sigmas"] = new GoldenTensor([.. plan.Sigmas], plan.Sigmas.Count);
        if (golden.Has("add_noise.sample"))
        {
            outputs["add_noise"] = Noisy(golden, config.Noise, (image, noise, left) => (Math.Sqrt(left) * image) + (Math.Sqrt(1 - left) * noise));
            outputs["velocity"] = Noisy(golden, config.Noise, (image, noise, left) => (Math.Sqrt(left) * noise) - (Math.Sqrt(1 - left) * image));
        }

        return outputs;
    }

    internal static SamplerConfig Config(CaseConfig config, SamplerKind kind) => new()
    {
        Kind = kind,
        Prediction = config.Text("prediction_type") == "v_prediction" ? Prediction.V : Prediction.Epsilon,
        Spacing = Enum.Parse<TimeSpacing>(config.Text("timestep_spacing"), ignoreCase: true),
        StepsOffset = config.Int("steps_offset"),
        SetAlphaToOne = config.Bool("set_alpha_to_one", absent: false),
        KarrasSigmas = config.Bool("use_karras_sigmas", absent: false),
        Noise = new NoiseSchedule(config.Int("num_train_timesteps"), config.Double("beta_start"), config.Double("beta_end")),
    };

    private static Dictionary<string, GoldenTensor> Steps(GoldenCase golden, SamplingPlan plan)
    {
        GoldenTensor start = golden.Tensor("input.start"), predictions = golden.Tensor("input.model_outputs");
        double[] x = [.. Enumerable.Range(0, start.Elements).Select(i => plan.Start * start[i])];
        long[] shape = [plan.Steps.Count, .. start.Shape];
        SamplerRun run = new(x);
        Dictionary<string, List<double>> records = new() { ["scaled_inputs"] = [], ["prev_samples"] = [], ["pred_original_samples"] = [] };
        for (int call = 0; call < plan.Steps.Count; call++)
        {
            double[] prediction = [.. Enumerable.Range(call * start.Elements, start.Elements).Select(i => predictions[i])];
            records["scaled_inputs"].AddRange(run.Sample.Select(value => value * plan.Steps[call].InputScale));
            records["pred_original_samples"].AddRange(SamplerRun.Apply(plan.Steps[call].Clean, run.Sample, prediction));
            run.Step(plan.Steps[call], prediction);
            records["prev_samples"].AddRange(run.Sample);
        }

        Dictionary<string, GoldenTensor> outputs = records.ToDictionary(record => record.Key, record => new GoldenTensor([.. record.Value], shape));
        outputs["start_scaled"] = new GoldenTensor(x, start.Shape);
        return outputs;
    }

    private static GoldenTensor Noisy(GoldenCase golden, NoiseSchedule schedule, Func<double, double, double, double> rule)
    {
        GoldenTensor image = golden.Tensor("add_noise.sample"), noise = golden.Tensor("add_noise.noise"), times = golden.Tensor("add_noise.timesteps");
        int each = image.Elements / times.Elements;
        return new GoldenTensor(
            [.. Enumerable.Range(0, image.Elements).Select(i => rule(image[i], noise[i], schedule.Cumulative[(int)times[i / each]]))], image.Shape);
    }

    private static SamplerKind? KindOf(string name) => name switch
    {
        "EulerDiscreteScheduler" => SamplerKind.Euler,
        "EulerAncestralDiscreteScheduler" => SamplerKind.EulerAncestral,
        "DDIMScheduler" => SamplerKind.Ddim,
        "PNDMScheduler" => SamplerKind.Pndm,
        "DPMSolverMultistepScheduler" => SamplerKind.DpmSolver,
        _ => null,
    };
}
