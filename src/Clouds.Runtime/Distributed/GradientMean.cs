using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Runtime.Distributed;

/// <summary>The mean of an arena's gradients over all ranks, in their place: on the GPUs by NCCL, or on the host. Dispose it before the arena.</summary>
/// <param name="ranks">The ranks.</param>
/// <param name="arena">As long on every rank.</param>
/// <param name="warn">Told why gradients of GPUs go through the host: on rank 0, and on the rank that lacks something; null: nobody.</param>
public sealed class GradientMean(RankGroup ranks, ParameterArena arena, Action<string>? warn = null) : IDisposable
{
    private const string What = "mean of the gradients";
    private NcclGroup? _gpus;
    private bool _agreed;

    /// <summary>Whether the gradients meet on the GPUs; known after the first <see cref="Run"/>.</summary>
    public bool OnGpus => _gpus is not null;

    /// <summary>Finds NCCL.</summary>
    internal Func<Nccl> Library { get; init; } = () => Nccl.Default;

    /// <summary>
    /// Replaces the gradients by their mean: the same on every rank. On the host the same bits every time with as many ranks; on the GPUs
    /// NCCL chooses the order.
    /// </summary>
    /// <exception cref="CloudsException"><see cref="Failure.Device"/>: a rank is lost, or NCCL was asked for and cannot be.</exception>
    public void Run()
    {
        if (ranks.Count == 1)
        {
            return;
        }

        Agree();
        if (_gpus is not null)
        {
            _gpus.Mean(arena.OnDevice![ArenaPart.Gradients], What);
            return;
        }

        arena.OnDevice?.Fetch(ArenaPart.Gradients);
        ranks.MeanInPlace(arena.Buffer(ArenaPart.Gradients), What);
        arena.OnDevice?.Send(ArenaPart.Gradients);
    }

    /// <inheritdoc/>
    public void Dispose() => _gpus?.Dispose();

    private void Agree()
    {
        if (_agreed || ranks.Path == GradientPath.Host)
        {
            return;
        }

        RankGpu[] all = [.. ranks.Gather([RankGpu.Of(arena.OnDevice?.Gpu, Library, warn)], "GPUs of the ranks").Select(rank => rank[0])];
        string? obstacle = RankGpu.Obstacle(all);
        if (obstacle is null)
        {
            _gpus = new NcclGroup(ranks, arena.OnDevice!.Gpu, Library());
        }
        else
        {
            Refuse(obstacle, all.Any(rank => rank.Place != 0));
        }

        _agreed = true;
    }

    private void Refuse(string obstacle, bool gpus)
    {
        if (ranks.Path == GradientPath.Nccl)
        {
            throw new CloudsException(Failure.Device, "the gradients cannot be summed by NCCL", "execution.ranks.gradients", obstacle,
                "NCCL of one version and a GPU of its own for every rank", $"{Nccl.InstallCommand}; or set it to auto or host");
        }

        if (gpus && ranks.IsFirst)
        {
            warn?.Invoke($"gradients go through the host's memory: {obstacle}");
        }
    }
}
