using Clouds.Runtime.Kernels;

namespace Clouds.Runtime.Sessions;

/// <summary>Clipping, AdamW and the teacher's average over an arena, where it lies. Dispose it before the arena.</summary>
public sealed class ArenaOptimizer : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly Optimizer? _here;
    private readonly CudaOptimizer? _there;

    internal ArenaOptimizer(ParameterArena arena)
    {
        _arena = arena;
        if (arena.OnDevice is ArenaOnDevice device)
        {
            _there = new CudaOptimizer(device.Gpu.Kernels, device.Gpu.Stream, arena.Layout);
        }
        else
        {
            _here = new Optimizer(arena.Layout);
        }
    }

    /// <summary>Norm of each parameter's gradient at the last step, before clipping, in the order of the arena's slots; on a GPU it is waited for.</summary>
    public double[] ParameterNorms => _here?.ParameterNorms.ToArray() ?? _there!.ParameterNorms(_arena.OnDevice!.Gpu.Stream);

    /// <summary>One step in place; parameters and meaning as in <see cref="Optimizer.Step"/>. On a GPU it waits for the norm.</summary>
    public OptimizerStep Step(OptimizerSettings settings, ReadOnlySpan<GroupSetting> groups,
        long step, TeacherUpdate teacher = TeacherUpdate.None, double teacherMomentum = 0, int threads = 0)
    {
        if (_there is null)
        {
            return _here!.Step(Host(), settings, groups, step, teacher, teacherMomentum, threads);
        }

        ArenaOnDevice device = _arena.OnDevice!;
        _there.Step(device.Gpu.Stream, device.Arenas, settings, groups, step, teacher, teacherMomentum);
        return _there.Result(device.Gpu.Stream);
    }

    /// <inheritdoc/>
    public void Dispose() => _there?.Dispose();

    private OptimizerArenas Host() => new(
        Floats(ArenaPart.Parameters), Floats(ArenaPart.Gradients), Floats(ArenaPart.FirstMoment), Floats(ArenaPart.SecondMoment),
        _arena.Has(ArenaPart.Teacher) ? Floats(ArenaPart.Teacher) : default);

    private HostSpan<float> Floats(ArenaPart part) => _arena.Buffer(part).Elements<float>();
}
