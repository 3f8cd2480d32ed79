using System.Text.Json;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public unsafe class OptimizerTests
{
    [Theory]
    [InlineData("adamw_full_clip")]
    [InlineData("adamw_param_clip")]
    [InlineData("adamw_value_clip")]
    public void GoldenCase_IsReproduced(string name)
    {
        GoldenCase golden = new("optimizer/" + name);
        JsonElement config = golden.Config;
        string[] names = [.. config.GetProperty("parameter_groups").EnumerateObject().Select(group => group.Name)];
        double[] decays = [.. config.GetProperty("parameter_groups").EnumerateObject().Select(group => group.Value.GetProperty("weight_decay").GetDouble())];
        Model model = new([.. names.Select(n => golden.Tensor<float>("init." + n).Length)]);
        model.Load(i => golden.Tensor<float>("init." + names[i]).ToArray(), model.Parameters);
        model.Load(i => golden.Tensor<float>("init." + names[i]).ToArray(), model.Teacher);
        OptimizerSettings settings = new(Clip(config), config.GetProperty("clip_value").GetDouble());
        double[] rates = golden.Tensor<double>("lr").ToArray();
        for (int step = 1; step <= 20; step++)
        {
            int done = step - 1;
            model.Load(i => Raw(golden, names[i], i, names.Length, settings, done), model.Gradients);
            GroupSetting[] groups = [.. decays.Select((decay, i) => new GroupSetting(rates[(done * decays.Length) + i], decay))];
            bool teaches = done % config.GetProperty("iteration_update").GetInt32() == 0;
            OptimizerStep result = model.Step(settings, groups, step, config.GetProperty("alpha").GetDouble(), teaches);
            Assert.False(result.Skipped);
            CheckNorms(golden, model, result, settings.Clip, done);
            for (int i = 0; i < names.Length; i++)
            {
                golden.Check("param." + names[i], model.Slice(model.Parameters, i), Step(golden, "param." + names[i], done));
                golden.Check("ema." + names[i], model.Slice(model.Teacher, i), Step(golden, "ema." + names[i], done));
            }
        }

        for (int i = 0; i < names.Length; i++)
        {
            golden.Check("exp_avg." + names[i], model.Slice(model.First, i), golden.Tensor<float>("exp_avg." + names[i]));
            golden.Check("exp_avg_sq." + names[i], model.Slice(model.Second, i), golden.Tensor<float>("exp_avg_sq." + names[i]));
        }
    }

    [Fact]
    public void Step_AnyThreads_GiveTheSameBits()
    {
        Model one = new([200_001, 0, 65_536, 3]);
        Model three = new([200_001, 0, 65_536, 3]);
        OptimizerSettings settings = new(ClipMode.FullModel, 0.5);
        GroupSetting[] groups = [new(1e-3, 0.05), new(1e-4, 0), new(1e-3, 0), new(1e-2, 0.1)];
        for (int step = 1; step <= 3; step++)
        {
            one.Fill((ulong)step);
            three.Fill((ulong)step);
            OptimizerStep a = one.Step(settings, groups, step, 0.9, true, threads: 1);
            OptimizerStep b = three.Step(settings, groups, step, 0.9, true, threads: 3);
            Assert.Equal(a, b);
        }

        Assert.Equal(one.Parameters.Values, three.Parameters.Values);
        Assert.Equal(one.Second.Values, three.Second.Values);
        Assert.Equal(one.Teacher.Values, three.Teacher.Values);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_GradientNotFinite_TouchesNothing(float bad)
    {
        Model model = new([100, 50]);
        model.Fill(9);
        Array.Copy(Pinned.Normal(150, 10).Values, model.Parameters.Values, 150);
        float[] before = [.. model.Parameters.Values];
        model.Gradients.Values[130] = bad;
        OptimizerStep result = model.Step(new OptimizerSettings(ClipMode.ParameterValue, 1), [new(1, 1), new(1, 1)], 1, 0.5, true);
        Assert.True(result.Skipped);
        Assert.False(double.IsFinite(result.GradientNorm));
        Assert.Equal(before, model.Parameters.Values);
        Assert.All(model.First.Values, value => Assert.Equal(0, value));
        Assert.All(model.Teacher.Values, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Step_LargeGradients_NormIsSummedInDouble()
    {
        Model model = new([300_000]);
        Array.Fill(model.Gradients.Values, 1e15f);
        OptimizerStep result = model.Step(new OptimizerSettings(), [new(0, 0)], 1, 0, false);
        Assert.Equal(1e15f * Math.Sqrt(300_000), result.GradientNorm, result.GradientNorm * 1e-12);
    }

    [Fact]
    public void TeacherAverage_EqualsTheStepThatFollowsTheUpdate()
    {
        Model model = new([70_003]);
        model.Fill(4);
        Pinned<float> teacher = Pinned.Normal(model.Teacher.Values.Length, 5);
        teacher.Values.CopyTo(model.Teacher.Values, 0);
        model.StepThenTeach(new GroupSetting(1e-3, 0.05), 0.99);
        TeacherAverage.Run(teacher.Span, model.Parameters.Span, 0.99, threads: 2);
        Assert.Equal(teacher.Values[..70_003], model.Teacher.Values[..70_003]);
    }

    private static ClipMode Clip(JsonElement config) => config.GetProperty("clip").GetString() switch
    {
        "full_model" => ClipMode.FullModel,
        "per_parameter_norm" => ClipMode.ParameterNorm,
        "per_parameter_value" => ClipMode.ParameterValue,
        string other => throw new InvalidOperationException(other),
        null => throw new InvalidOperationException("clip is missing"),
    };

    private static float[] Step(GoldenCase golden, string name, int step)
    {
        ReadOnlySpan<float> all = golden.Tensor<float>(name);
        int length = all.Length / 20;
        return all.Slice(step * length, length).ToArray();
    }

    private static void CheckNorms(GoldenCase golden, Model model, OptimizerStep result, ClipMode clip, int step)
    {
        if (clip == ClipMode.FullModel)
        {
            golden.Check("grad_norms", [(float)result.GradientNorm], Norms(golden, step, 1));
        }
        else if (clip == ClipMode.ParameterNorm)
        {
            float[] norms = [.. model.Norms.ToArray().Select(norm => (float)norm)];
            golden.Check("grad_norms", norms, Norms(golden, step, norms.Length));
        }
    }

    private static float[] Norms(GoldenCase golden, int step, int count) => golden.Tensor<float>("grad_norms").Slice(step * count, count).ToArray();

    // The recorded gradients are already clipped (the recorder kept the tensors that clipping changed in place), the recorded norms are
    // those before it. Undoing the scale gives the raw gradients back; cut values are lost, but cutting twice changes nothing.
    private static float[] Raw(GoldenCase golden, string name, int index, int count, OptimizerSettings settings, int step)
    {
        float[] gradient = Step(golden, "grad." + name, step);
        if (settings.Clip == ClipMode.ParameterValue)
        {
            return gradient;
        }

        double norm = settings.Clip == ClipMode.FullModel ? Norms(golden, step, 1)[0] : Norms(golden, step, count)[index];
        double scale = Math.Max(1, (norm + 1e-6) / settings.ClipLimit);
        return [.. gradient.Select(value => (float)(value * scale))];
    }

    private sealed class Model
    {
        private readonly (long Offset, long Length, int Group)[] _layout;
        private readonly Optimizer _optimizer;

        public Model(int[] lengths)
        {
            long offset = 0;
            _layout = new (long, long, int)[lengths.Length];
            for (int i = 0; i < lengths.Length; i++)
            {
                _layout[i] = (offset, lengths[i], i);
                offset += (lengths[i] + 63) / 64 * 64;
            }

            _optimizer = new Optimizer(_layout);
            (Parameters, Gradients, First, Second, Teacher) = (new((int)offset), new((int)offset), new((int)offset), new((int)offset), new((int)offset));
        }

        public Pinned<float> Parameters { get; }

        public Pinned<float> Gradients { get; }

        public Pinned<float> First { get; }

        public Pinned<float> Second { get; }

        public Pinned<float> Teacher { get; }

        public ReadOnlySpan<double> Norms => _optimizer.ParameterNorms;

        public ReadOnlySpan<float> Slice(Pinned<float> arena, int i) => arena.Values.AsSpan((int)_layout[i].Offset, (int)_layout[i].Length);

        public void Load(Func<int, float[]> values, Pinned<float> arena)
        {
            for (int i = 0; i < _layout.Length; i++)
            {
                values(i).CopyTo(arena.Values, _layout[i].Offset);
            }
        }

        public void Fill(ulong seed) => Load(i => Pinned.Normal((int)_layout[i].Length, seed + (100 * (ulong)i)).Values, Gradients);

        public void StepThenTeach(GroupSetting group, double momentum)
        {
            OptimizerArenas arenas = new(Parameters.Span, Gradients.Span, First.Span, Second.Span, Teacher.Span);
            _optimizer.Step(arenas, new OptimizerSettings(), [group], 1, TeacherUpdate.AfterStep, momentum);
        }

        public OptimizerStep Step(OptimizerSettings settings, GroupSetting[] groups, int step, double momentum, bool teaches, int threads = 2)
        {
            OptimizerArenas arenas = new(Parameters.Span, Gradients.Span, First.Span, Second.Span, Teacher.Span);
            return _optimizer.Step(arenas, settings, groups, step, teaches ? TeacherUpdate.BeforeStep : TeacherUpdate.None, momentum, threads);
        }
    }
}
