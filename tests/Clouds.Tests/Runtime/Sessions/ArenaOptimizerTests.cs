using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Emulated)]
public sealed class ArenaOptimizerTests
{
    // More groups than the parameters name, as in a graph whose encoder is frozen.
    private static readonly GroupSetting[] Groups = [new(1e-2, 0.1), new(1e-3, 0), new(1e-3, 0.1), new(1e-3, 0)];

    [NvrtcTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Step_OnAGpu_GivesTheProcessorsBits(bool teacher)
    {
        using EmulatedGpu gpu = new();
        using ParameterArena here = Arena(teacher, null);
        using ParameterArena there = Arena(teacher, gpu.Gpu);
        using ArenaOptimizer processor = here.CreateOptimizer();
        using ArenaOptimizer emulated = there.CreateOptimizer();
        there.Send();
        there.OnDevice!.Send(ArenaPart.Gradients);
        OptimizerSettings settings = new(ClipMode.FullModel, 0.1, 0.9, 0.999, 1e-8);
        TeacherUpdate update = teacher ? TeacherUpdate.BeforeStep : TeacherUpdate.None;
        for (int step = 1; step <= 3; step++)
        {
            Assert.Equal(processor.Step(settings, Groups, step, update, 0.9), emulated.Step(settings, Groups, step, update, 0.9));
            Assert.Equal(processor.ParameterNorms, emulated.ParameterNorms);
        }

        there.Fetch();
        foreach (ArenaPart part in Enum.GetValues<ArenaPart>().Where(here.Has))
        {
            Assert.Equal(here.Span(part, "a").ToArray(), there.Span(part, "a").ToArray());
            Assert.Equal(here.Span(part, "b").ToArray(), there.Span(part, "b").ToArray());
        }
    }

    [NvrtcFact]
    public void Arena_OnAGpu_IsZeroedThereAndFetchedOnlyWhenAsked()
    {
        using EmulatedGpu gpu = new();
        using ParameterArena arena = new([("a", [70], 0)], gpu: gpu.Gpu);
        arena.Span(ArenaPart.Parameters, "a").Fill(3);
        arena.OnDevice!.Fetch(ArenaPart.Parameters);
        Assert.Equal(0, arena.Span(ArenaPart.Parameters, "a")[69]);
        arena.Span(ArenaPart.Parameters, "a").Fill(4);
        arena.Send();
        arena.Span(ArenaPart.Parameters, "a").Clear();
        arena.Fetch();
        Assert.Equal(4, arena.Span(ArenaPart.Parameters, "a")[69]);
    }

    private static ParameterArena Arena(bool teacher, Gpu? gpu)
    {
        ParameterArena arena = new([("a", [3, 5], 0), ("b", [70], 1)], teacher: teacher, gpu: gpu);
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
