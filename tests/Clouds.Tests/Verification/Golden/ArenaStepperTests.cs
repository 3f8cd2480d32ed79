using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Runtime;
using Clouds.Verification.Golden;
using Clouds.Verification.Golden.Modules;

namespace Clouds.Tests.Verification.Golden;

[Kind(TestKind.Emulated)]
public sealed class ArenaStepperTests
{
    // More groups than the parameters name, as in a graph whose encoder is frozen.
    private static readonly GroupSetting[] Groups = [new(1e-2, 0.1), new(1e-3, 0), new(1e-3, 0.1), new(1e-3, 0)];

    [NvrtcTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_OnTheEmulatedGpu_GivesTheProcessorsBits(bool teacher)
    {
        using EmulatedGpu gpu = new();
        using ParameterArena here = Arena(teacher);
        using ParameterArena there = Arena(teacher);
        using ArenaStepper processor = new(Device.Cpu, here);
        using ArenaStepper emulated = new(Device.KernelsOn(gpu.Gpu), there);
        OptimizerSettings settings = new(ClipMode.FullModel, 0.1, 0.9, 0.999, 1e-8);
        TeacherUpdate update = teacher ? TeacherUpdate.BeforeStep : TeacherUpdate.None;
        for (int step = 1; step <= 3; step++)
        {
            Assert.Equal(processor.Step(settings, Groups, step, update, 0.9), emulated.Step(settings, Groups, step, update, 0.9));
            Assert.Equal(processor.ParameterNorms, emulated.ParameterNorms);
        }

        foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(here.Has))
        {
            Assert.Equal(here.Span(part, "a").ToArray(), there.Span(part, "a").ToArray());
            Assert.Equal(here.Span(part, "b").ToArray(), there.Span(part, "b").ToArray());
        }
    }

    private static ParameterArena Arena(bool teacher)
    {
        ParameterArena arena = new([("a", [3, 5], 0), ("b", [70], 1)], teacher: teacher);
        RandomStream random = new(3, "arena");
        foreach ((ArenaPart part, string name) in new[] { (ArenaPart.Parameters, "a"),
            (ArenaPart.Parameters, "b"), (ArenaPart.Gradients, "a"), (ArenaPart.Gradients, "b") })
        {
            foreach (ref float value in arena.Span(part, name))
            {
                value = (float)random.NextNormal();
            }
        }

        return arena;
    }
}
