using System.Text.Json;
using Clouds.Diagnostics;

namespace Clouds.Training.Engine;

/// <summary>The record of a run: a JSON object a line, a line a step, readable while the run goes on.</summary>
public sealed class TrainingHistory : IDisposable
{
    private readonly string _path;
    private readonly StreamWriter _writer;

    private TrainingHistory(string path, StreamWriter writer) => (_path, _writer) = (path, writer);

    /// <summary>Opens the record for appending, after dropping what a resumed run will write again, and lines that a full disk cut short.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public static TrainingHistory Open(string path, long firstStep) => Guard(path, () =>
    {
        string[] kept = File.Exists(path) ? [.. File.ReadLines(path).Where(line => Parse(line)?.Step < firstStep)] : [];
        string fresh = path + ".new";
        File.WriteAllLines(fresh, kept);
        File.Move(fresh, path, overwrite: true);
        return new TrainingHistory(path, new StreamWriter(path, append: true) { AutoFlush = true });
    });

    /// <summary>Steps recorded so far; lines that were cut short are left out.</summary>
    public static IReadOnlyList<HistoryLine> Read(string path) => [.. File.ReadLines(path).Select(Parse).OfType<HistoryLine>()];

    /// <summary>Appends a step.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or gone.</exception>
    public void Append(HistoryLine line) => Guard(_path, () =>
    {
        _writer.WriteLine(JsonSerializer.Serialize(line, HistoryJson.Default.HistoryLine));
        return this;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            // Every line was flushed when it was written: nothing is lost here that was not reported there.
        }
    }

    private static HistoryLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HistoryJson.Default.HistoryLine);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static TrainingHistory Guard(string path, Func<TrainingHistory> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the run's history cannot be written", path,
                e.Message, "a writable folder with enough space", "free space, then go on with TrainingOptions.Resume", e);
        }
    }
}
