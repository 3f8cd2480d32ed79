using System.Globalization;
using System.Numerics.Tensors;
using Clouds.Diagnostics;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>The ways in which a training runs out of finite numbers.</summary>
internal static class Divergence
{
    /// <summary>Too many steps in a row changed nothing.</summary>
    public static CloudsException Of(StepResult last, string where, int skipped) => Numeric("the loss or its gradient is not finite", where,
        string.Create(CultureInfo.InvariantCulture, $"{skipped} steps in a row, loss {last.Loss}, gradient norm {last.GradientNorm}"));

    /// <summary>Refuses to save parameters, moments or a teacher that nobody could go on with.</summary>
    /// <exception cref="CloudsException">Numeric, naming the parameter.</exception>
    public static void RefuseArena(ParameterArena arena)
    {
        ArenaPart[] saved = [.. Enum.GetValues<ArenaPart>().Where(part => part != ArenaPart.Gradients && arena.Has(part))];
        foreach (ParameterSlot slot in arena.Slots)
        {
            if (saved.Any(part => !IsFinite(arena.Span(part, slot.Name))))
            {
                throw Numeric("a parameter or its moments are not finite any more; the checkpoint that was there before is unchanged", slot.Name,
                    "an infinity or no number");
            }
        }
    }

    /// <summary>Refuses the end of a run that a resumed part reached on skipped steps alone.</summary>
    /// <exception cref="CloudsException">Numeric.</exception>
    public static void RefuseEnd(RunState end, TrainingSettings settings, RunFolder folder)
    {
        if (end.SkippedInARow > 0 && end.Step == settings.Steps && end.SkippedInARow >= Math.Min(settings.MostSkipped, settings.Steps))
        {
            throw Numeric("the last steps changed nothing, because their loss or gradient was not finite", folder.Path, $"{end.SkippedInARow} in a row");
        }
    }

    private static bool IsFinite(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));

    private static CloudsException Numeric(string what, string where, string found) => new(
        Failure.Numeric, what, where, found, "finite numbers",
        "start a new run with a smaller learning rate or more steps of warm-up, and check the data; resuming goes on behind the skipped steps");
}
