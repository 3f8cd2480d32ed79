using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Verification.Golden.Modules;

/// <summary>AdamW with groups, the three ways of clipping, the teacher's average and the learning-rate schedule, on recorded gradients.</summary>
internal sealed class OptimizerModule : IGoldenModule
{
    public string Name => "optimizer";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = golden.Config.Text("clip") is "full_model" or "per_parameter_norm" or "per_parameter_value" or "none"
            ? null
            : $"clipping {golden.Config.Text("clip")}";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        string[] names = [.. golden.Config.Section("parameter_groups").Keys];
        IEnumerable<(string, long[], int)> parameters = names.Select((name, group) => (name, golden.Tensor($"init.{name}").Shape.ToArray(), group));
        using ParameterArena arena = new(parameters, teacher: true, gpu: device.Gpu);
        foreach (string name in names)
        {
            golden.Tensor($"init.{name}").AsFloats().CopyTo(arena.Span(ArenaPart.Parameters, name));
            golden.Tensor($"init.{name}").AsFloats().CopyTo(arena.Span(ArenaPart.Teacher, name));
        }

        arena.Send();
        using ArenaOptimizer optimizer = arena.CreateOptimizer();
        Recording recording = new(names, arena, golden.Config.Int("steps"));
        for (int step = 0; step < recording.Steps; step++)
        {
            Advance(golden, arena, optimizer, recording, names, step);
        }

        return recording.Outputs(golden.Config.Text("clip") == "full_model");
    }

    private static void Advance(GoldenCase golden, ParameterArena arena, ArenaOptimizer optimizer, Recording recording, string[] names, int step)
    {
        CaseConfig config = golden.Config;
        for (int i = 0; i < names.Length; i++)
        {
            Span<float> gradient = arena.Span(ArenaPart.Gradients, names[i]);
            ReadOnlySpan<float> recorded = golden.Tensor($"grad.{names[i]}").AsFloats().AsSpan(step * gradient.Length, gradient.Length);
            double factor = Unclip(golden, step, i, names.Length);
            for (int e = 0; e < gradient.Length; e++)
            {
                gradient[e] = (float)(recorded[e] * factor);
            }
        }

        double[] betas = config.Doubles("betas");
        ClipMode clip = Clip(config.Text("clip"));
        OptimizerSettings settings = new(clip, clip == ClipMode.None ? 0 : config.Double("clip_value"), betas[0], betas[1], config.Double("eps"));
        // The reference averages before the optimiser's step.
        TeacherUpdate teacher = step % config.Int("iteration_update") == 0 ? TeacherUpdate.BeforeStep : TeacherUpdate.None;
        arena.OnDevice?.Send(ArenaPart.Gradients);
        OptimizerStep result = optimizer.Step(settings, Groups(config, names, step), step + 1, teacher, config.Double("alpha"));
        arena.Fetch();
        recording.Take(result.GradientNorm, optimizer.ParameterNorms);
    }

    // Clipping by norm works in place, and the recorder kept the clipped tensors while it recorded the norms from before: the recorded norm
    // gives back the length that clipping took. Direction, clipping, moments and update are computed here and compared.
    private static double Unclip(GoldenCase golden, int step, int parameter, int parameters)
    {
        int? index = golden.Config.Text("clip") switch
        {
            "full_model" => step,
            "per_parameter_norm" => (step * parameters) + parameter,
            _ => null,
        };
        if (index is not int recorded)
        {
            return 1;
        }

        double norm = golden.Tensor("grad_norms")[recorded];
        double limit = golden.Config.Double("clip_value");
        return norm + 1e-6 > limit ? (norm + 1e-6) / limit : 1;
    }

    private static ClipMode Clip(string name) => name switch
    {
        "full_model" => ClipMode.FullModel,
        "per_parameter_norm" => ClipMode.ParameterNorm,
        "per_parameter_value" => ClipMode.ParameterValue,
        _ => ClipMode.None,
    };

    private static GroupSetting[] Groups(CaseConfig config, string[] names, int step)
    {
        ScheduleKind kind = config.Text("schedule") == "poly" ? ScheduleKind.Poly : ScheduleKind.Constant;
        LearningRateSchedule schedule =
            new(kind, config.Int("max_iter"), WarmupSteps: config.Int("warmup", 0), WarmupFactor: config.Double("warmup_factor", 0.001));
        double rate = config.Double("base_lr") * schedule.Factor(step);
        CaseConfig groups = config.Section("parameter_groups");
        return [.. names.Select(name => new GroupSetting(rate * groups.Section(name).Double("lr_multiplier"), groups.Section(name).Double("weight_decay")))];
    }

    /// <summary>Parameters and teacher after every step.</summary>
    private sealed class Recording(string[] names, ParameterArena arena, int steps)
    {
        private readonly Dictionary<string, List<float>> _values = [];
        private readonly List<double> _norms = [];
        private readonly List<double> _parameterNorms = [];

        public int Steps => steps;

        public void Take(double norm, double[] parameterNorms)
        {
            _norms.Add(norm);
            _parameterNorms.AddRange(parameterNorms);
            foreach (string name in names)
            {
                Append($"param.{name}", arena.Span(ArenaPart.Parameters, name));
                Append($"ema.{name}", arena.Span(ArenaPart.Teacher, name));
            }
        }

        public IReadOnlyDictionary<string, GoldenTensor> Outputs(bool oneNorm)
        {
            Dictionary<string, GoldenTensor> outputs = [];
            foreach (string name in names)
            {
                long[] shape = arena.Slot(name).Shape;
                outputs[$"param.{name}"] = new GoldenTensor([.. _values[$"param.{name}"]], [steps, .. shape]);
                outputs[$"ema.{name}"] = new GoldenTensor([.. _values[$"ema.{name}"]], [steps, .. shape]);
                outputs[$"exp_avg.{name}"] = new GoldenTensor(arena.Span(ArenaPart.FirstMoment, name).ToArray(), shape);
                outputs[$"exp_avg_sq.{name}"] = new GoldenTensor(arena.Span(ArenaPart.SecondMoment, name).ToArray(), shape);
            }

            outputs["grad_norms"] = oneNorm ? new GoldenTensor([.. _norms], steps) : new GoldenTensor([.. _parameterNorms], steps, names.Length);
            return outputs;
        }

        private void Append(string key, Span<float> values)
        {
            if (!_values.TryGetValue(key, out List<float>? list))
            {
                _values[key] = list = [];
            }

            list.AddRange(values);
        }
    }
}
