using System.Globalization;
using System.Text;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>
/// What the whole method in miniature scores over several seeds, with date, machine and version: the yardstick of later changes, mini.json. Numbers are
/// mIoU and IoU in percent.
/// </summary>
internal sealed record MiniResult
{
    /// <summary>When the last seed was finished.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Versions of the program, ONNX Runtime and .NET.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Host, processor, threads, memory.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>Hours of all seeds together.</summary>
    public required double Hours { get; init; }

    /// <summary>Their numbers, with the first one's seed.</summary>
    public required MethodPlan Plan { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>SHA-256 of the foundation models' files.</summary>
    public required IReadOnlyDictionary<string, string> Models { get; init; }

    /// <summary>The arms.</summary>
    public required IReadOnlyList<MiniArm> Arms { get; init; }

    /// <summary>What the paper's tables say, and by how many points it does or does not hold.</summary>
    public required IReadOnlyList<MethodClaim> Claims { get; init; }

    /// <summary>Classes that arms have hardly learned.</summary>
    public required IReadOnlyList<WeakClass> WeakClasses { get; init; }

    /// <summary>Of results of one plan with several seeds.</summary>
    /// <param name="seeds">The results.</param>
    /// <param name="times">Their times.</param>
    public static MiniResult Of(IReadOnlyList<MethodResult> seeds, IReadOnlyList<MethodTimes> times)
    {
        MethodSummary summary = new(seeds);
        return new MiniResult
        {
            Date = times.Max(time => time.Date),
            Versions = times[^1].Versions,
            Machine = times[^1].Machine,
            Hours = Math.Round(times.Sum(time => time.Seconds.Values.Sum()) / 3600, 2),
            Plan = seeds[0].Plan,
            Seeds = [.. seeds.Select(seed => seed.Plan.Seed)],
            Models = seeds[0].Models,
            Arms = [.. summary.Arms.Select(arm => MiniArm.Of(summary, arm))],
            Claims = summary.Claims,
            WeakClasses = summary.WeakClasses,
        };
    }

    /// <summary>What it was done with, in a sentence or two.</summary>
    public string Circumstances => string.Create(
        CultureInfo.InvariantCulture,
        $"{Date:yyyy-MM-dd}, seeds {string.Join(", ", Seeds)}, {Hours:0.0} hours on {Machine.GetValueOrDefault("processor", "?")}, "
        + $"{Machine.GetValueOrDefault("threads", "?")} threads, version {Versions.GetValueOrDefault("clouds", "?")}. "
        + $"{Plan.SourceScenes} scenes of the source, "
        + $"{Plan.Images} images of {Plan.Prompts} prompts, {Plan.SourceSteps} and {Plan.SelfSteps} steps of {Plan.Batch} images "
        + $"of {Plan.Width} x {Plan.Height}, "
        + $"{Plan.TestScenes} test scenes a style.");

    /// <summary>Writes the file.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public void Write(string path) => AtomicFile.WriteAllBytes(path, Encoding.UTF8.GetBytes(JsonText.Document(this) + "\n"));
}

/// <summary>An arm over several seeds.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Styles">Every style, the source first.</param>
/// <param name="GroupA">Mean over target styles that the foundation models have seen.</param>
/// <param name="GroupB">Mean over target styles that nobody has seen.</param>
/// <param name="Targets">Mean over both.</param>
internal sealed record MiniArm(MethodArm Arm, IReadOnlyDictionary<string, Spread> Styles, Spread GroupA, Spread GroupB, Spread Targets)
{
    /// <summary>Of a summary.</summary>
    public static MiniArm Of(MethodSummary summary, MethodArm arm) => new(
        arm,
        new OrderedDictionary<string, Spread>(summary.Tests.Select((test, number) => KeyValuePair.Create(test.Name, summary.MeanIou(arm, number)))),
        summary.Mean(arm, WorldGroup.Seen), summary.Mean(arm, WorldGroup.Unseen), summary.Mean(arm));
}
