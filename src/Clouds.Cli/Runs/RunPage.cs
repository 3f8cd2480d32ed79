using System.Globalization;
using Clouds.Cli.Reports;

namespace Clouds.Cli.Runs;

/// <summary>The page of a run, or of several side by side: state, curves, scores, settings, machine, command to repeat.</summary>
internal sealed class RunPage
{
    /// <summary>Name of the page in a run's folder.</summary>
    public const string FileName = "report.html";

    private readonly IReadOnlyList<RunFiles> _runs;
    private readonly IReadOnlyList<string> _names;
    private readonly HtmlReport _page;

    private RunPage(IReadOnlyList<RunFiles> runs)
    {
        (_runs, _names) = (runs, DistinctNames.Of(runs.Select(run => run.Name)));
        _page = new HtmlReport(runs.Count == 1 ? $"Run {_names[0]}" : $"Runs {string.Join(", ", _names)}");
    }

    /// <summary>Makes the page.</summary>
    /// <param name="runs">One run or more.</param>
    public static HtmlReport Make(IReadOnlyList<RunFiles> runs)
    {
        RunPage page = new(runs);
        page.AddSummary();
        page.AddStages();
        page.AddSettings();
        page.AddOrigin();
        return page._page;
    }

    private void AddSummary()
    {
        foreach ((string name, RunFiles run) in _names.Zip(_runs))
        {
            run.Problems.ToList().ForEach(problem => _page.AddNote(_runs.Count == 1 ? problem : $"{name}: {problem}"));
        }

        RunSummary summary = new(_runs);
        _page.AddTable(["", .. _names], summary.Rows);
    }

    private void AddStages()
    {
        foreach (string stage in _runs.SelectMany(run => run.Stages).Select(stage => stage.Name).Distinct().Order(StringComparer.Ordinal))
        {
            (string Name, RunStage Stage)[] there =
                [.. _names.Zip(_runs).SelectMany(run => run.Second.Stages.Where(one => one.Name == stage).Select(one => (run.First, one)))];
            _page.AddHeading(char.ToUpperInvariant(stage[0]) + stage[1..]);
            (string Name, RunStage Stage)[] begun = [.. there.Where(run => run.Stage.Steps.Count > 0)];
            if (begun.Length == 0)
            {
                _page.AddText("There is no step yet.");
                continue;
            }

            RunCurves curves = new([.. begun.Select(run => new CurveSource(run.Name, run.Stage.Steps, run.Stage.Batch))]);
            RunValidation validation = new(begun);
            _page.AddCharts([.. curves.All, .. validation.Curves is Chart chart ? [chart] : Array.Empty<Chart>()]);
            validation.AddTo(_page);
        }
    }

    private void AddSettings()
    {
        _page.AddHeading("Settings");
        if (_runs.All(run => run.Settings.Count == 0))
        {
            _page.AddText($"No file of the run tells its settings: it comes from a version that wrote no {RunDescription.FileName}.");
            return;
        }

        if (_runs.Count == 1)
        {
            AddSettingsOfOne(_runs[0].Settings);
        }
        else
        {
            AddDifferences();
        }
    }

    private void AddSettingsOfOne(IReadOnlyList<RunSetting> settings)
    {
        RunSetting[] own = [.. settings.Where(setting => setting.Origin != "default")];
        _page.AddText($"{own.Length} of {settings.Count} settings are not the defaults.").AddTable(["setting", "value", "origin"], own.Select(Row));
        _page.AddFolded("All settings", page => page.AddTable(["setting", "value", "origin", "source of the default"], settings.Select(setting =>
            (IReadOnlyList<string>)[.. Row(setting), setting.Source ?? ""])));

        static string[] Row(RunSetting setting) => [setting.Key, WithUnit(setting), setting.Origin];
    }

    private void AddDifferences()
    {
        string[] keys = [.. _runs.SelectMany(run => run.Settings).Select(setting => setting.Key).Distinct()];
        IReadOnlyList<string>[] rows = [.. keys.Select(key => (IReadOnlyList<string>)[key, .. _runs.Select(run => Value(run, key))])];
        IReadOnlyList<string>[] different = [.. rows.Where(Differs)];
        string sentence = different.Length == 0 ? $"All {keys.Length} settings are the same." : $"{different.Length} of {keys.Length} settings differ.";
        _page.AddText(sentence);
        if (different.Length > 0)
        {
            _page.AddTable(["setting", .. _names], different, Differs);
        }

        _page.AddFolded("All settings", page => page.AddTable(["setting", .. _names], rows, Differs));

        static bool Differs(IReadOnlyList<string> row) => row.Skip(1).Distinct().Count() > 1;
        static string Value(RunFiles run, string key) => run.Settings.FirstOrDefault(setting => setting.Key == key) is RunSetting found ? WithUnit(found) : "-";
    }

    private void AddOrigin()
    {
        _page.AddHeading("Machine and program");
        if (_runs.All(run => run.Description is null))
        {
            _page.AddText("No file of the run tells them.");
            return;
        }

        (string Name, RunLaunch Launch)[] launches = [.. _names.Zip(_runs).SelectMany(run => (run.Second.Description?.Launches ?? []).Select((launch, i) =>
            (_runs.Count == 1 ? i == 0 ? "start" : $"resumed {i}" : i == 0 ? run.First : $"{run.First}, resumed {i}", launch)))];
        string[] facts = [.. launches.SelectMany(launch => launch.Launch.Versions.Keys.Concat(launch.Launch.Environment.Keys)).Distinct()];
        _page.AddTable(["", .. launches.Select(launch => launch.Name)],
        [
            ["time (UTC)", .. launches.Select(launch => launch.Launch.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture))],
            .. facts.Select(fact => (IReadOnlyList<string>)[fact, .. launches.Select(launch => Fact(launch.Launch, fact))]),
        ]);
        _page.AddHeading("To repeat it");
        foreach ((string name, RunDescription description) in
            _names.Zip(_runs).Where(run => run.Second.Description is not null).Select(run => (run.First, run.Second.Description!)))
        {
            _page.AddText(_runs.Count == 1 ? "The same run once more:" : $"{name} once more:").AddCode(description.Repeat)
                .AddFolded("As it was started", page => description.Launches.ToList()
                    .ForEach(launch => page.AddCode($"cd {ShellText.Word(launch.Folder)}\n{launch.Command}")));
        }

        static string Fact(RunLaunch launch, string key) =>
            launch.Versions.GetValueOrDefault(key) ?? launch.Environment.GetValueOrDefault(key) ?? "-";
    }

    private static string WithUnit(RunSetting setting) =>
        setting.Unit is null || !double.TryParse(setting.Value, CultureInfo.InvariantCulture, out _) ? setting.Value : $"{setting.Value} {setting.Unit}";
}
