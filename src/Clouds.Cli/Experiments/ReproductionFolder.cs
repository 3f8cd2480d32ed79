using Clouds.Diagnostics;
using Clouds.Training.Engine;

namespace Clouds.Cli.Experiments;

/// <summary>
/// A folder of reproductions: `ledger.jsonl`, `stage-1/DIGEST` for what several rows share, `rows/ROW-DIGEST` for the rest of each, its scores among it.
/// </summary>
/// <param name="Path">The folder; made where it is missing.</param>
internal sealed record ReproductionFolder(string Path)
{
    /// <summary>The results.</summary>
    public Ledger Ledger => new(System.IO.Path.Combine(Path, "ledger.jsonl"));

    /// <summary>The page.</summary>
    public string Summary => System.IO.Path.Combine(Path, "summary.html");

    /// <summary>The run of a first stage.</summary>
    /// <param name="digest">Digest of all that it depends on.</param>
    public RunFolder StageOne(string digest) => new(System.IO.Path.Combine(Path, "stage-1", digest));

    /// <summary>A row's own folder: its second stage, which is a run as those of `clouds train`, and its scores.</summary>
    /// <param name="row">The row.</param>
    /// <param name="digest">Digest of all that it depends on.</param>
    public RunFolder Row(string row, string digest) => new(System.IO.Path.Combine(Path, "rows", $"{FileName(row)}-{digest}"));

    /// <summary>The path of a run below this folder, so that results stay right where the folder is moved.</summary>
    public string Below(RunFolder run) => System.IO.Path.GetRelativePath(Path, run.Path);

    /// <summary>Holds a run's folder against other processes, which would train the same.</summary>
    /// <exception cref="CloudsException">Usage: another process has it; Output: it cannot be made.</exception>
    public static IDisposable Hold(RunFolder run)
    {
        run.Create();
        string path = System.IO.Path.Combine(run.Path, "in-use");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CloudsException(Failure.Output, "the run's folder cannot be written", run.Path, e.Message, "a folder that can be written", null, e);
        }
        catch (IOException e)
        {
            throw new CloudsException(Failure.Usage, "another process works in this folder", run.Path, e.Message, "one process a run",
                "wait until it is done; rows with the same stage 1 take its result then", e);
        }
    }

    private static string FileName(string row) => string.Concat(row.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_'));
}
