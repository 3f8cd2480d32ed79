using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Optimiser steps on an arena, on the processor or with the kernels of a GPU on copies of its buffers. Dispose it before the arena.</summary>
internal sealed unsafe class ArenaStepper : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly Optimizer _here;
    private readonly Gpu? _gpu;
    private readonly CudaOptimizer? _there;
    private readonly Dictionary<ArenaPart, DeviceCopy<float>> _copies = [];

    /// <summary>Prepares for steps.</summary>
    public ArenaStepper(Device device, ParameterArena arena)
    {
        (_arena, _here, _gpu) = (arena, arena.CreateOptimizer(), device.Gpu);
        if (_gpu is not null)
        {
            _there = new CudaOptimizer(_gpu.Kernels, _gpu.Stream, [.. arena.Slots.Select(slot => (slot.Offset, slot.Length, slot.Group))]);
            foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(arena.Has))
            {
                _copies[part] = new DeviceCopy<float>(_gpu, Whole(part));
            }
        }
    }

    /// <summary>Norm of each parameter's gradient in the last step.</summary>
    public double[] ParameterNorms { get; private set; } = [];

    /// <summary>One step; parameters and meaning as in <see cref="Optimizer.Step"/>. Its results stand in the arena.</summary>
    public OptimizerStep Step(
        OptimizerSettings settings, ReadOnlySpan<GroupSetting> groups, long step, TeacherUpdate teacher = TeacherUpdate.None, double teacherMomentum = 0)
    {
        if (_gpu is not null && _there is not null)
        {
            return StepOn(_gpu, _there, settings, groups, step, teacher, teacherMomentum);
        }

        OptimizerStep result = _here.Step(_arena.OptimizerArenas, settings, groups, step, teacher, teacherMomentum);
        ParameterNorms = [.. _here.ParameterNorms];
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _there?.Dispose();
        foreach (DeviceCopy<float> copy in _copies.Values)
        {
            copy.Dispose();
        }
    }

    private OptimizerStep StepOn(Gpu gpu, CudaOptimizer optimizer, OptimizerSettings settings,
        ReadOnlySpan<GroupSetting> groups, long step, TeacherUpdate teacher, double teacherMomentum)
    {
        _copies[ArenaPart.Gradients].Send(Whole(ArenaPart.Gradients));
        DeviceArenas arenas = new()
        {
            Parameters = _copies[ArenaPart.Parameters].Span,
            Gradients = _copies[ArenaPart.Gradients].Span,
            FirstMoment = _copies[ArenaPart.FirstMoment].Span,
            SecondMoment = _copies[ArenaPart.SecondMoment].Span,
            Teacher = _copies.TryGetValue(ArenaPart.Teacher, out DeviceCopy<float>? copy) ? copy.Span : default,
        };
        optimizer.Step(gpu.Stream, arenas, settings, groups, step, teacher, teacherMomentum);
        foreach ((ArenaPart part, DeviceCopy<float> values) in _copies)
        {
            values.Fetch(Whole(part));
        }

        ParameterNorms = optimizer.ParameterNorms(gpu.Stream);
        return optimizer.Result(gpu.Stream);
    }

    private Span<float> Whole(ArenaPart part) => _arena.Buffer(part).Span<float>(0, checked((int)_arena.Floats));
}
