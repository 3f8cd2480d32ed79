using Clouds.Diagnostics;

namespace Clouds.Cli.Method;

/// <summary>Tells how far a stage has come, and with it the whole, in which each stage weighs what it usually takes.</summary>
/// <param name="name">What the whole is called.</param>
/// <param name="seconds">What all stages take.</param>
/// <param name="inner">Told of both.</param>
internal sealed class MethodProgress(string name, double seconds, IProgress<ProgressReport> inner)
{
    // Tenths of a second: a stage of a second moves too.
    private const double Units = 10;

    private double _before;

    /// <summary>What a stage reports to.</summary>
    public IProgress<ProgressReport> Of(MethodStage stage) => new Part(report =>
    {
        double share = report.Total > 0 ? Math.Clamp((double)report.Done / report.Total, 0, 1) : 0;
        inner.Report(new ProgressReport(report.Stage, report.Done, report.Total, report.Metrics) { Whole = Whole(_before + (share * stage.Seconds)) });
    });

    /// <summary>A stage is over, or was before.</summary>
    public void Finish(MethodStage stage) => _before += stage.Seconds;

    private ProgressReport Whole(double done) => new(name, (long)(Units * done), (long)(Units * seconds));

    private sealed class Part(Action<ProgressReport> hear) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => hear(value);
    }
}
