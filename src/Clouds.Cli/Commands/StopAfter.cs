using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Cli.Commands;

/// <summary>Interrupts a training, as Ctrl-C would, once a stage of it has done so many steps; one that goes on from there is left alone.</summary>
/// <param name="steps">Steps; null: never.</param>
/// <param name="outer">What interrupts it besides.</param>
internal sealed class StopAfter(long? steps, CancellationToken outer) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(outer);

    /// <summary>Cancelled then.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Passes progress on and counts the steps in it.</summary>
    public IProgress<ProgressReport> Watch(IProgress<ProgressReport> inner) => new Counting(inner, steps, _source);

    public void Dispose() => _source.Dispose();

    private sealed class Counting(IProgress<ProgressReport> inner, long? steps, CancellationTokenSource source) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            inner.Report(value);
            if (value.Done == steps && value.Stage.EndsWith(Trainer.Stage, StringComparison.Ordinal))
            {
                source.Cancel();
            }
        }
    }
}
