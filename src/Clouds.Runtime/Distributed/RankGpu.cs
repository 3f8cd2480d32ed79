using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Distributed;

/// <summary>What a rank has for sums between GPUs, as it travels.</summary>
/// <param name="Place">Number of its GPU, no other's on any host; 0: its parameters lie in the host's memory.</param>
/// <param name="Version">Version of its NCCL; 0: there is none that can be used.</param>
internal readonly record struct RankGpu(ulong Place, long Version)
{
    /// <summary>This rank's.</summary>
    /// <param name="gpu">Where its parameters lie; null: in the host's memory.</param>
    /// <param name="library">Finds NCCL.</param>
    /// <param name="warn">Told why there is none.</param>
    public static RankGpu Of(Gpu? gpu, Func<Nccl> library, Action<string>? warn)
    {
        if (gpu is null)
        {
            return default;
        }

        try
        {
            return new RankGpu(PlaceOf(gpu), library().Version);
        }
        catch (CloudsException failure)
        {
            warn?.Invoke($"{failure.What}; found {failure.Found}; {failure.Next}");
            return new RankGpu(PlaceOf(gpu), 0);
        }
    }

    /// <summary>Why ranks with these cannot sum by NCCL, in a few words; null: they can.</summary>
    public static string? Obstacle(IReadOnlyList<RankGpu> ranks)
    {
        for (int rank = 0; rank < ranks.Count; rank++)
        {
            int same = ranks.Take(rank).Select(other => other.Place).ToList().IndexOf(ranks[rank].Place);
            string? obstacle = ranks[rank].Place == 0 ? $"rank {rank} computes on the processor"
                : ranks[rank].Version == 0 ? $"rank {rank} has no NCCL that can be used"
                : ranks[rank].Version != ranks[0].Version
                    ? $"rank {rank} has NCCL {Nccl.VersionText((int)ranks[rank].Version)}, rank 0 {Nccl.VersionText((int)ranks[0].Version)}"
                : same >= 0 ? $"ranks {same} and {rank} share a GPU"
                : null;
            if (obstacle is not null)
            {
                return obstacle;
            }
        }

        return null;
    }

    private static ulong PlaceOf(Gpu gpu) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes($"{Environment.MachineName} {gpu.Context.Bus}".AsSpan())) | 1;
}
