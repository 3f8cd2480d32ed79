using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>How progress is shown.</summary>
internal enum ProgressStyle
{
    /// <summary>One line that is drawn anew, on a terminal: the writer is a <see cref="MessageWriter"/>.</summary>
    Live,

    /// <summary>A line now and then, for logs.</summary>
    Plain,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>Nothing.</summary>
    Silent,
}

/// <summary>
/// Shows the progress of a call on standard error, so that standard output holds results only. The call itself sees an
/// <see cref="IProgress{T}"/>.
/// </summary>
internal sealed class ProgressDisplay
{
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JsonInterval = TimeSpan.FromSeconds(1);

    private readonly TextWriter _error;
    private readonly ProgressStyle _style;
    private readonly TimeProvider _time;
    private readonly HashSet<string> _said = [];
    private readonly RepeatedWarnings _repeated = new();
    private string _speaker = "";

    public ProgressDisplay(TextWriter error, ProgressStyle style, TimeProvider time) => (_error, _style, _time) = (error, style, time);

    /// <summary>The same without progress, for one of several processes: what it warns of begins with its name.</summary>
    public ProgressDisplay Of(string speaker) => new(_error, _style, _time) { _speaker = speaker };

    /// <summary>Runs work and shows what it reports. The work must not write to the console while it runs.</summary>
    public T Track<T>(Func<IProgress<ProgressReport>, T> work)
    {
        try
        {
            return Shown(work);
        }
        finally
        {
            lock (_said)
            {
                _repeated.Rest().ToList().ForEach(Say);
            }
        }
    }

    private T Shown<T>(Func<IProgress<ProgressReport>, T> work) => (_speaker.Length > 0 ? ProgressStyle.Silent : _style) switch
    {
        ProgressStyle.Live => TrackLive(work),
        ProgressStyle.Plain => TrackLines(work, PlainInterval, ProgressClock.Describe),
        ProgressStyle.Json => TrackLines(work, JsonInterval, Json),
        _ => work(new Sink(_time, TimeSpan.MaxValue, (_, _) => { })),
    };

    /// <summary>Runs work that has no result.</summary>
    public void Track(Action<IProgress<ProgressReport>> work) => Track(progress =>
    {
        work(progress);
        return true;
    });

    /// <summary>
    /// Says something that a user should know, once; also while work is tracked, from any thread. One complaint of many files is told of the first and
    /// counted when the work ends.
    /// </summary>
    public void Warn(string sentence)
    {
        lock (_said)
        {
            if (_said.Add(sentence) && _repeated.Hear(sentence))
            {
                Say(sentence);
            }
        }
    }

    private void Say(string sentence)
    {
        if (_style == ProgressStyle.Json)
        {
            _error.WriteLine(JsonText.Line(new { type = "warning", message = _speaker + sentence }));
        }
        else
        {
            _error.WriteLine($"clouds: {_speaker}{sentence}");
        }
    }

    private T TrackLive<T>(Func<IProgress<ProgressReport>, T> work)
    {
        MessageWriter terminal = (MessageWriter)_error;
        ProgressReport? last = null;
        Pace? lastPace = null;
        try
        {
            return work(new Sink(_time, LiveInterval, (report, pace) =>
            {
                (last, lastPace) = (report, pace);
                terminal.Show(Bar(report) + ProgressClock.Describe(report, pace), ProgressTable.Rows(report, pace));
            }));
        }
        finally
        {
            terminal.Show("");
            if (last is not null)
            {
                string count = $"{last.Done}{(last.Total > 0 ? $"/{last.Total}" : "")}";
                terminal.WriteLine(MessageWriter.Fit($"{last.Stage} {count} in {ProgressClock.Duration(lastPace!.Elapsed)}", int.MaxValue));
            }
        }
    }

    private T TrackLines<T>(Func<IProgress<ProgressReport>, T> work, TimeSpan interval, Func<ProgressReport, Pace, string> describe) =>
        work(new Sink(_time, interval, (report, pace) =>
        {
            _error.WriteLine(describe(report, pace));
            _error.Flush();
        }));

    // Plain letters: whether a terminal draws finer ones in one column or two, nobody knows.
    private static string Bar(ProgressReport report)
    {
        int filled = report.Total > 0 ? (int)Math.Clamp(20 * report.Done / report.Total, 0, 20) : 0;
        return report.Total > 0 ? $"[{new string('#', filled)}{new string('.', 20 - filled)}] " : "";
    }

    private static string Json(ProgressReport report, Pace pace) => JsonText.Line(new
    {
        type = "progress",
        stage = report.Stage,
        done = report.Done,
        total = report.Total,
        elapsedSeconds = Math.Round(pace.Elapsed.TotalSeconds, 3),
        rate = Math.Round(pace.Rate, 4),
        remainingSeconds = pace.Remaining is TimeSpan remaining ? Math.Round(remaining.TotalSeconds, 1) : (double?)null,
        metrics = report.Metrics,
        whole = report.Whole is not ProgressReport whole ? null : new
        {
            stage = whole.Stage, done = whole.Done, total = whole.Total,
            remainingSeconds = pace.Whole?.Remaining is TimeSpan rest ? Math.Round(rest.TotalSeconds, 1) : (double?)null,
        },
    });

    // Reports may come from any thread and by the thousand; the first of a stage, the last, and one an interval are shown.
    private sealed class Sink(TimeProvider time, TimeSpan interval, Action<ProgressReport, Pace> show) : IProgress<ProgressReport>
    {
        private readonly Lock _lock = new();
        private readonly ProgressClock _clock = new(time);
        private string? _stage;
        private long _shown;

        public void Report(ProgressReport value)
        {
            lock (_lock)
            {
                Pace pace = _clock.Measure(value);
                bool due = value.Stage != _stage || time.GetElapsedTime(_shown) >= interval || (value.Total > 0 && value.Done >= value.Total);
                if (due)
                {
                    (_stage, _shown) = (value.Stage, time.GetTimestamp());
                    show(value, pace);
                }
            }
        }
    }
}
