using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>What the ranks of a training have in common: their start values, their steps' numbers, and that nothing drifts apart.</summary>
internal static class StepRanks
{
    /// <summary>Refuses ranks that begin with other parameters or at another step than rank 0.</summary>
    /// <exception cref="CloudsException">BadInput: they differ; Device: a rank is lost.</exception>
    public static void RequireSameStart(RankGroup ranks, ParameterArena arena, long step)
    {
        XxHash3 digest = new(step);
        foreach (ParameterSlot slot in arena.Slots)
        {
            digest.Append(MemoryMarshal.AsBytes(arena.Span(ArenaPart.Parameters, slot.Name)));
        }

        ulong[][] all = ranks.Gather([digest.GetCurrentHashAsUInt64()], "start values");
        RequireSame(all, "ranks begin with different weights", "give all hosts the same files: checkpoint, weights, model to start from");
    }

    /// <summary>Loss and measures of all ranks: the means over them, in whose normalisers all have their share.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="here">This rank's numbers.</param>
    /// <param name="norm">The gradient's norm in the step before, which has to be the same everywhere.</param>
    /// <exception cref="CloudsException">BadInput: it is not; Device: a rank is lost.</exception>
    public static double[] Mean(RankGroup ranks, double[] here, double norm)
    {
        double[][] all = ranks.Gather([norm, .. here], "numbers of the step");
        RequireSame(all, "the ranks have come apart: the norm of the same gradient differs", "use hosts with the same kind of processor or GPU");
        return [.. here.Select((_, i) => all.Sum(rank => rank[i + 1]) / ranks.Count)];
    }

    /// <summary>A validation that rank 0 makes for all; on the others the line has no single scores.</summary>
    /// <returns>Null: it was interrupted.</returns>
    /// <exception cref="CloudsException">Device: a rank is lost.</exception>
    public static ValidationLine? Validated(RankGroup ranks, Func<ValidationLine?> run)
    {
        ValidationLine? made = ranks.IsFirst ? run() : null;
        double[] first = ranks.Gather(
            [made?.Step ?? -1, made?.MeanIou ?? double.NaN, made?.Best == true ? 1 : 0, made?.Seconds ?? 0], "validation")[0];
        return ranks.IsFirst || first[0] < 0
            ? made
            : new ValidationLine((long)first[0], [], double.IsNaN(first[1]) ? null : first[1], first[2] != 0, first[3]);
    }

    private static void RequireSame<T>(T[][] all, string what, string next)
        where T : unmanaged, IEquatable<T>
    {
        if (Array.FindIndex(all, rank => !rank[0].Equals(all[0][0])) is int other and > 0)
        {
            throw new CloudsException(Failure.BadInput, what, $"rank {other}", $"{all[other][0]}", $"{all[0][0]}, as rank 0 has", next);
        }
    }
}
