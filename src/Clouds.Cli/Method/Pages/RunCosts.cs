using System.Globalization;
using Clouds.Cli.Reports;

namespace Clouds.Cli.Method.Pages;

/// <summary>What a run took: time by stage, machine, models, seeds, and how to do it again.</summary>
internal sealed class RunCosts(SeedRuns runs)
{
    private const double Mebi = 1 << 20;

    /// <summary>Adds them.</summary>
    public void AddTo(HtmlReport page)
    {
        AddTimes(page);
        AddModels(page);
        page.AddSmallHeading("Seeds").AddText($"{string.Join(", ", runs.Results.Select(result => result.Plan.Seed))}: the same seed on the same machine "
            + "finds the same numbers. The scenes are the same in every run.");
        if (runs.Times.Count > 0 && runs.Times[0].Command.Length > 0)
        {
            page.AddSmallHeading("To repeat it").AddCode(runs.Times[0].Command);
        }
    }

    private void AddTimes(HtmlReport page)
    {
        if (runs.Times.Count == 0)
        {
            page.AddNote($"No file of the run tells its times: there is no {Path.GetFileName(runs.Folder.Times)}.");
            return;
        }

        string[] stages = [.. runs.Times.SelectMany(times => times.Seconds.Keys).Distinct()];
        double all = runs.Times.Average(times => times.Seconds.Values.Sum());
        string each = runs.Times.Count > 1 ? ", mean of the seeds" : "";
        page.AddText($"{Duration(all)}{each}, on {runs.Times[0].Date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.");
        page.AddBars([.. stages.Select(stage => (Name: stage, Seconds: runs.Times.Average(times => times.Seconds.GetValueOrDefault(stage)))).Select(stage =>
            new ReportBar($"{stage.Name}, {Duration(stage.Seconds)}: percent of the time", 100 * stage.Seconds / Math.Max(1e-9, all), BarKind.Ours))]);
        MethodTimes first = runs.Times[0];
        page.AddFolded("Machine and program", inside => inside.AddTable(["", ""],
            first.Machine.Concat(first.Versions).Select(fact => (string[])[fact.Key, fact.Value])));
    }

    private void AddModels(HtmlReport page)
    {
        page.AddSmallHeading("Foundation models");
        if (runs.First.Models.Count == 0)
        {
            page.AddNote("The result names no foundation model.");
            return;
        }

        page.AddTable(["model", "MiB", "SHA-256"], runs.First.Models.Select(model => (string[])[Role(model.Key), Size(model.Key), model.Value]));
        page.AddText("They are miniatures, trained by this program: how, in what time, and how good they are, says the card.json and the README.md of each in "
            + "models/mini of the repository.");
    }

    private string Size(string role) => runs.First.Bytes.TryGetValue(role, out long bytes)
        ? (bytes / Mebi).ToString("0.0", CultureInfo.InvariantCulture)
        : "-";

    private static string Role(string role) => role switch
    {
        "clip" => "CLIP, the encoder",
        "sam" => "Segment Anything",
        "diffusion" => "diffusion model",
        "llm" => "language model",
        _ => role,
    };

    private static string Duration(double seconds) => seconds < 90
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0.0} min");
}
