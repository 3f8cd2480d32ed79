using System.Diagnostics;
using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Devices;
using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Cli.Commands;

/// <summary>
/// Whether an interrupted training is an uninterrupted one, here and with these settings: one runs straight, another stops after a number of steps of each
/// stage and goes on in a process of its own, so that nothing survives in memory. Their checkpoints and histories are compared part by part.
/// </summary>
/// <param name="folder">Gets the folders straight and interrupted.</param>
/// <param name="steps">Steps before and behind the interruption.</param>
/// <param name="context">Its command line is that of the runs; it is told of their progress, and of the answer.</param>
internal sealed class ResumeProof(string folder, long steps, VerbContext context)
{
    private static readonly string[] Dropped = ["--prove-resume", "--out", "--steps", "--stop-after"];

    private readonly Lock _forwarding = new();

    private string Straight => Path.Combine(folder, "straight");

    private string Interrupted => Path.Combine(folder, "interrupted");

    /// <summary>Runs both and tells.</summary>
    /// <returns>0 where nothing differs, otherwise 1.</returns>
    /// <exception cref="CloudsException">Usage: nothing to prove, or a folder in use; otherwise what a run failed with.</exception>
    public int Run(bool json)
    {
        RequireSense();
        RunToEnd(Straight, interrupted: false);
        RunToEnd(Interrupted, interrupted: true);
        ResumeProofPart[] parts = [.. Stages().SelectMany(Compare)];
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { proved = parts.All(part => part.Same), steps, parts }));
        }
        else
        {
            TextTable.Write(context.Console, ["run", "part", "straight", "interrupted", ""],
                parts.Select(part => new[] { part.Run, part.Part, part.Straight, part.Interrupted, part.Same ? "same" : "DIFFERENT" }));
        }

        return parts.All(part => part.Same) ? ExitCodes.Success : ExitCodes.Failed;
    }

    private void RequireSense()
    {
        if (steps < 1 || context.Words.Contains("--resume"))
        {
            throw new CloudsException(Failure.Usage, "there is nothing to prove", "clouds train --prove-resume",
                steps < 1 ? $"{steps} steps" : "--resume", "1 step or more of a new run", "correct the options");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new CloudsException(Failure.Usage, "the folder of the proof is not empty", folder, null, "an empty or a new folder", "choose another --out");
        }
    }

    // Each stage is interrupted once; a process that stops where it began would stop for ever.
    private void RunToEnd(string run, bool interrupted)
    {
        long before = -1;
        string[] stop = interrupted ? ["--stop-after", Text(steps)] : [];
        int exitCode = Clouds(run, stop);
        while (exitCode == (int)Failure.Interrupted && interrupted && Done(run) > before)
        {
            before = Done(run);
            exitCode = Clouds(run, [.. stop, "--resume"]);
        }

        if (exitCode != ExitCodes.Success)
        {
            throw new CloudsException(Enum.IsDefined((Failure)exitCode) ? (Failure)exitCode : Failure.Internal, "a run of the proof failed", run,
                $"exit code {exitCode}", "0", "see its messages above");
        }
    }

    private int Clouds(string run, string[] more)
    {
        string executable = OwnExecutable.Path ?? throw new CloudsException(Failure.Internal, "the program does not find itself to start a process of its own",
            Environment.ProcessPath, null, "an executable named clouds", "give it its name back");
        string[] length = ["--set", $"training.steps={Text(2 * steps)}", "--set", $"selfTraining.steps={Text(2 * steps)}"];
        ProcessStartInfo start = new(executable, [.. Kept(), .. length, "--out", run, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Forward(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        context.Cancellation.ThrowIfCancellationRequested();
        return process.ExitCode;
    }

    private void Forward(string? line)
    {
        if (line is not null)
        {
            lock (_forwarding)
            {
                context.Error.WriteLine(line);
            }
        }
    }

    private IEnumerable<string> Kept()
    {
        IReadOnlyList<string> words = context.Words;
        for (int i = 0; i < words.Count; i++)
        {
            if (Dropped.Contains(words[i]))
            {
                i++;
            }
            else if (!Dropped.Any(option => words[i].StartsWith($"{option}=", StringComparison.Ordinal)))
            {
                yield return words[i];
            }
        }
    }

    private IEnumerable<string> Stages()
    {
        string[] stages = [.. Directory.GetDirectories(Straight, "stage-*").Select(stage => Path.GetFileName(stage)).Order(StringComparer.Ordinal)];
        return stages.Length > 0 ? stages : [""];
    }

    private IEnumerable<ResumeProofPart> Compare(string stage)
    {
        IReadOnlyDictionary<string, string> one = RunDigests.Of(new RunFolder(Path.Combine(Straight, stage)));
        IReadOnlyDictionary<string, string> other = RunDigests.Of(new RunFolder(Path.Combine(Interrupted, stage)));
        return one.Keys.Union(other.Keys).Select(part => new ResumeProofPart(
            stage.Length > 0 ? stage : "run", part, one.GetValueOrDefault(part, "-"), other.GetValueOrDefault(part, "-")));
    }

    // All steps that any stage has done: it grows with every process that trains.
    private static long Done(string run)
        => Directory.EnumerateFiles(run, "history.jsonl", SearchOption.AllDirectories).Sum(file => TrainingHistory.Read(file).Count);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A part of two runs.</summary>
/// <param name="Run">The stage, or "run".</param>
/// <param name="Part">What of it.</param>
/// <param name="Straight">Its digest in the straight run.</param>
/// <param name="Interrupted">Its digest in the interrupted one.</param>
internal sealed record ResumeProofPart(string Run, string Part, string Straight, string Interrupted)
{
    /// <summary>Whether they are the same.</summary>
    public bool Same => Straight == Interrupted;
}
