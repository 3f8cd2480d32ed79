using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clouds.Runtime.Kernels;

/// <summary>The element-wise rule of one parameter group at one step; constants are rounded to float once, as PyTorch does.</summary>
/// <remarks>The order of float operations is fixed (kernels.md section 5): only the teacher's average uses a fused multiply-add.</remarks>
internal readonly unsafe struct AdamW
{
    private readonly float _decay;
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _rest1;
    private readonly float _rest2;
    private readonly float _stepSize;
    private readonly float _rootCorrection;
    private readonly float _epsilon;
    private readonly float _limit;
    private readonly float _old;
    private readonly float _new;
    private readonly TeacherUpdate _teacher;

    /// <summary>Constants of a group.</summary>
    public AdamW(OptimizerSettings settings, GroupSetting group, long step, TeacherUpdate teacher, double teacherMomentum)
    {
        _decay = (float)(1 - (group.LearningRate * group.WeightDecay));
        _beta1 = (float)settings.Beta1;
        _beta2 = (float)settings.Beta2;
        _rest1 = (float)(1 - settings.Beta1);
        _rest2 = (float)(1 - settings.Beta2);
        _stepSize = (float)(group.LearningRate / (1 - Math.Pow(settings.Beta1, step)));
        _rootCorrection = (float)Math.Sqrt(1 - Math.Pow(settings.Beta2, step));
        _epsilon = (float)settings.Epsilon;
        _limit = settings.Clip == ClipMode.ParameterValue ? (float)settings.ClipLimit : float.PositiveInfinity;
        _old = (float)teacherMomentum;
        _new = 1f - _old;
        _teacher = teacher;
    }

    /// <summary>Updates one chunk; <paramref name="scale"/> multiplies the gradient (norm clipping).</summary>
    public void Run(ArenaPointers arenas, OptimizerChunk chunk, float scale)
    {
        float* p = arenas.Parameters + chunk.Offset;
        float* g = arenas.Gradients + chunk.Offset;
        float* m = arenas.FirstMoment + chunk.Offset;
        float* v = arenas.SecondMoment + chunk.Offset;
        float* t = _teacher == TeacherUpdate.None ? null : arenas.Teacher + chunk.Offset;
        int i = 0;
        for (; i + Lanes.Count <= chunk.Length; i += Lanes.Count)
        {
            Vector512<float> first = Vector512.Load(m + i);
            Vector512<float> second = Vector512.Load(v + i);
            Vector512<float> old = Vector512.Load(p + i);
            Vector512<float> parameter = Update(old, Vector512.Load(g + i), ref first, ref second, scale);
            parameter.Store(p + i);
            first.Store(m + i);
            second.Store(v + i);
            if (t is not null)
            {
                Vector512<float> student = _teacher == TeacherUpdate.BeforeStep ? old : parameter;
                TeacherAverage.Mix(Vector512.Load(t + i), student, _old, _new).Store(t + i);
            }
        }

        Tail(p, g, m, v, t, i, chunk.Length, scale);
    }

    private void Tail(float* p, float* g, float* m, float* v, float* t, int i, int length, float scale)
    {
        // One lane at a time through the vector code: the last floats get the same roundings as the others.
        for (; i < length; i++)
        {
            Vector512<float> first = Vector512.Create(m[i]);
            Vector512<float> second = Vector512.Create(v[i]);
            float old = p[i];
            p[i] = Update(Vector512.Create(old), Vector512.Create(g[i]), ref first, ref second, scale).ToScalar();
            m[i] = first.ToScalar();
            v[i] = second.ToScalar();
            if (t is not null)
            {
                t[i] = MathF.FusedMultiplyAdd(_old, t[i], _new * (_teacher == TeacherUpdate.BeforeStep ? old : p[i]));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Update(Vector512<float> p, Vector512<float> g, ref Vector512<float> m, ref Vector512<float> v, float scale)
    {
        g = Vector512.Min(Vector512.Max(g * scale, Vector512.Create(-_limit)), Vector512.Create(_limit));
        m = (m * _beta1) + (g * _rest1);
        v = (v * _beta2) + ((g * _rest2) * g);
        Vector512<float> denominator = (Vector512.Sqrt(v) / Vector512.Create(_rootCorrection)) + Vector512.Create(_epsilon);
        return (p * _decay) - ((m * _stepSize) / denominator);
    }
}
