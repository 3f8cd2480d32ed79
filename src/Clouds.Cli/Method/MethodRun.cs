using System.Diagnostics;
using System.Globalization;
using Clouds.Cli.Runs;
using Clouds.Diagnostics;

namespace Clouds.Cli.Method;

/// <summary>
/// The whole method of the paper in miniature: a language model writes prompts, diffusion paints them, stage 1, stage 2 without and with refinement, tests
/// on styles that were never labelled. What is done stays done: stopped at any moment, it goes on where it was.
/// </summary>
/// <param name="context">Numbers, models, folder, device.</param>
/// <param name="models">What the models are (<see cref="MethodModels.Digests"/>).</param>
internal sealed class MethodRun(MethodContext context, IReadOnlyDictionary<string, string> models)
{
    private readonly OrderedDictionary<string, double> _seconds = [];

    private MethodFolder Folder => context.Folder;

    /// <summary>Does what is not done.</summary>
    /// <exception cref="CloudsException">As the stages and <see cref="MethodRecord.Begin"/> say.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is kept.</exception>
    public MethodResult Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        new MethodRecord(context.Plan, models).Begin(Folder);
        Remember();
        MethodStage[] stages = [.. Stages()];
        MethodProgress whole = new(context.Plan.Name, stages.Sum(stage => stage.Seconds), progress);
        foreach ((int number, MethodStage stage) in stages.Index())
        {
            if (!stage.IsDone)
            {
                string found = Timed(stage, whole, cancellation);
                context.Tell(string.Create(
                    CultureInfo.InvariantCulture, $"{number + 1} of {stages.Length}, {stage.Name}, {_seconds[stage.Name]:0} s: {found}"));
            }

            whole.Finish(stage);
        }

        MethodResult result = Result();
        result.Write(Folder.Result);
        return result;
    }

    private IEnumerable<MethodStage> Stages()
    {
        yield return new PromptStage(context);
        yield return new PaintStage(context);
        foreach (MethodArm arm in context.Plan.Arms)
        {
            yield return arm is MethodArm.Source or MethodArm.Scratch ? new SourceStage(context, arm) : new SelfStage(context, arm);
            yield return new TestStage(context, arm);
            if (arm == MethodArm.Source)
            {
                yield return new XrayStage(context);
            }
        }
    }

    // Time counts that was spent in vain too.
    private string Timed(MethodStage stage, MethodProgress whole, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        double before = _seconds.GetValueOrDefault(stage.Name);
        try
        {
            return stage.Run(whole.Of(stage), cancellation);
        }
        finally
        {
            _seconds[stage.Name] = Math.Round(before + Stopwatch.GetElapsedTime(start).TotalSeconds, 1);
            Times().Write(Folder.Times);
        }
    }

    private void Remember()
    {
        foreach ((string stage, double seconds) in File.Exists(Folder.Times) ? MethodTimes.Read(Folder.Times).Seconds : _seconds)
        {
            _seconds[stage] = seconds;
        }
    }

    private MethodTimes Times() => new()
    {
        Date = DateTimeOffset.Now,
        Machine = RunMachine.Environment(context.Device, context.Threads),
        Versions = RunMachine.Versions(),
        Seconds = _seconds,
        Command = context.Command,
    };

    private MethodResult Result()
    {
        TestedArm[] arms = [.. context.Plan.Arms.Select(arm => TestedArm.Read(Folder.Scores(arm)))];
        return new MethodResult
        {
            Plan = context.Plan,
            Models = models,
            Bytes = MethodModels.Bytes(context.Models),
            Tests = arms[0].Tests,
            Arms = [.. arms.Select(arm => arm.Scores)],
        };
    }
}
