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
    private IReadOnlyList<Prompt> _kept = [];
    private readonly PromptAnswer? _last;

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
            _kept = File.Exists(path) ? PromptFile.Read(path) : [];
            _last = _answers.Resume(context.Progress.Warn);
        }
        else if (!overwrite && File.Exists(path))
        {
            throw new CloudsException(Failure.Usage, "there is a list of prompts already", path, "a file", "no file",
                "give --resume to go on with it, --overwrite to replace it, or another --out");
        }
    }

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
                return writer.Write(_kept, _last, answered, written, _context.Cancellation);
            });
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput && _path is not null && _kept.Count > 0)
        {
            throw new CloudsException(e.Failure, e.What, e.Where, e.Found, e.Wanted,
                $"{_kept.Count} prompts are in {_path}: go on with --resume and another --seed, --temperature or --model, or ask for fewer with -n", e);
        }
    }

    private void Keep(PromptAnswer answer)
    {
        _kept = answer.Kept;
        if (_path is not null && _kept.Count > 0)
        {
            PromptFile.Write(_path, _kept);
        }

        _answers?.Add(answer);
    }

    private void Report(IProgress<ProgressReport> progress, int lines, int count)
        => progress.Report(new ProgressReport("prompts", Math.Min(_kept.Count + lines, count), count));

    private sealed class Listener<T>(Action<T> hear) : IProgress<T>
    {
        public void Report(T value) => hear(value);
    }
}
