using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Cli.Commands;

/// <summary>Has a language model write a list of prompts; what is kept is in the file after every answer.</summary>
internal sealed class PromptRun
{
    private readonly string? _path;
    private readonly PromptAnswers? _answers;
    private readonly VerbContext _context;
    private readonly PromptAnswer? _last;
    private bool _answered;

    /// <param name="path">The list; null: nothing is written.</param>
    /// <param name="resume">Whether it goes on from what is there.</param>
    /// <param name="overwrite">Whether what is there may be replaced.</param>
    /// <param name="context">Where progress and warnings go.</param>
    /// <exception cref="CloudsException">Usage: there is a list, and nobody said what is to become of it; BadInput: it cannot be read.</exception>
    public PromptRun(string? path, bool resume, bool overwrite, VerbContext context)
    {
        (_path, _context) = (path, context);
        if (path is null)
        {
            return;
        }

        OutputFolder.Create(Path.GetDirectoryName(Path.GetFullPath(path))!);
        _answers = new PromptAnswers(path);
        if (resume)
        {
            Kept = File.Exists(path) ? PromptFile.Read(path) : [];
            _last = _answers.Resume(context.Progress.Warn);
        }
        else if (!overwrite && File.Exists(path))
        {
            throw new CloudsException(Failure.Usage, "there is a list of prompts already", path, "a file", "no file",
                "give --resume to go on with it, --overwrite to replace it, or another --out");
        }
    }

    /// <summary>The prompts so far.</summary>
    public IReadOnlyList<Prompt> Kept { get; private set; } = [];

    /// <summary>Writes until there are enough.</summary>
    /// <exception cref="CloudsException">As <see cref="PromptWriter.Write"/> says; Output.</exception>
    public IReadOnlyList<Prompt> Write(PromptWriter writer, int count)
    {
        try
        {
            return _context.Progress.Track(progress =>
            {
                int lines = 0;
                Listener<string> written = new(piece => Report(progress, lines += piece.Count(letter => letter == '\n'), count));
                Listener<PromptAnswer> answered = new(answer =>
                {
                    lines = 0;
                    Keep(answer);
                    Report(progress, 0, count);
                });
                return writer.Write(Kept, _last, answered, written, _context.Cancellation);
            });
        }
        catch (CloudsException e) when (_answered && e.Failure is Failure.BadInput or Failure.Output)
        {
            throw new CloudsException(e.Failure, e.What, e.Where, e.Found, e.Wanted,
                e.Failure == Failure.BadInput ? Next : "free space, then go on with --resume: what was written before is whole", e);
        }
    }

    private string Next => Kept.Count == 0 ? "take another --model, or try another --seed or --temperature; --template writes prompts without a model"
        : $"{Kept.Count} prompts are {(_path is null ? "on standard output: try" : $"in {_path}: go on with --resume and")} another --seed, --temperature or "
            + "--model, or ask for fewer with -n";

    private void Keep(PromptAnswer answer)
    {
        (Kept, _answered) = (answer.Kept, true);
        if (_path is not null && Kept.Count > 0)
        {
            PromptFile.Write(_path, Kept);
        }

        _answers?.Add(answer);
    }

    private void Report(IProgress<ProgressReport> progress, int lines, int count)
        => progress.Report(new ProgressReport("prompts", Math.Min(Kept.Count + lines, count), count));

    private sealed class Listener<T>(Action<T> hear) : IProgress<T>
    {
        public void Report(T value) => hear(value);
    }
}
