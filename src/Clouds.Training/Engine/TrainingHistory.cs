using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Clouds.Diagnostics;
using Clouds.Training.Tracking;

namespace Clouds.Training.Engine;

/// <summary>
/// The record of a run, readable while the run goes on: a JSON object a line, a line for each step and each validation; and the same numbers as events
/// for TensorBoard, where "train/loss" at 1 is what the first step gave.
/// </summary>
public sealed class TrainingHistory : IDisposable
{
    private readonly string _path;
    private readonly StreamWriter _writer;

    private TrainingHistory(string path, StreamWriter writer, EventFile events) => (_path, _writer, Events) = (path, writer, events);

    /// <summary>The events, for pictures and numbers of other origin.</summary>
    public EventFile Events { get; }

    /// <summary>Opens the record for appending, after dropping what a resumed run will write again, and lines that a full disk cut short.</summary>
    /// <exception cref="CloudsException">Output: it cannot be written.</exception>
    public static TrainingHistory Open(RunFolder folder, RunState state) => Guard(folder.History, () =>
    {
        string path = folder.History;
        string[] kept = File.Exists(path) ? [.. File.ReadLines(path).Where(line => IsPast(line, state))] : [];
        string fresh = path + ".new";
        File.WriteAllLines(fresh, kept);
        File.Move(fresh, path, overwrite: true);
        EventFile events = EventFile.Open(folder.Events, state.Step);
        kept.Select(Step).OfType<HistoryLine>().Where(line => line.Step >= events.LastStep).ToList().ForEach(line => Append(events, line));
        return new TrainingHistory(path, new StreamWriter(path, append: true) { AutoFlush = true }, events);
    });

    /// <summary>Steps recorded so far; lines that were cut short are left out.</summary>
    public static IReadOnlyList<HistoryLine> Read(string path) => [.. File.ReadLines(path).Select(Step).OfType<HistoryLine>()];

    /// <summary>Validations recorded so far, likewise.</summary>
    public static IReadOnlyList<ValidationLine> Validations(string path) => [.. File.ReadLines(path).Select(Validation).OfType<ValidationLine>()];

    /// <summary>The same with word of the lines that are left out.</summary>
    public static HistoryContents ReadAll(string path)
    {
        (List<HistoryLine> steps, List<ValidationLine> validations, List<int> damaged, int number) = ([], [], [], 0);
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (Step(line) is HistoryLine step)
            {
                steps.Add(step);
            }
            else if (Validation(line) is ValidationLine validation)
            {
                validations.Add(validation);
            }
            else
            {
                damaged.Add(number);
            }
        }

        return new HistoryContents(steps, damaged, number) { Validations = validations };
    }

    /// <summary>Appends a step.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or gone.</exception>
    public void Append(HistoryLine line) => Guard(_path, () =>
    {
        _writer.WriteLine(JsonSerializer.Serialize(line, HistoryJson.Default.HistoryLine));
        Append(Events, line);
        return this;
    });

    /// <summary>Appends a validation.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or gone.</exception>
    public void Append(ValidationLine line) => Guard(_path, () =>
    {
        _writer.WriteLine(JsonSerializer.Serialize(line, ValidationJson.Default.ValidationLine));
        Events.Add(line.Step, line.Numbers.Select(number => KeyValuePair.Create($"validation/{number.Key}", number.Value)));
        return this;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        Events.Dispose();
        try
        {
            _writer.Dispose();
        }
        catch (IOException)
        {
            // Every line was flushed when it was written: nothing is lost here that was not reported there.
        }
    }

    private static void Append(EventFile events, HistoryLine line)
        => events.Add(line.Step + 1, line.Numbers.Select(number => KeyValuePair.Create($"train/{number.Key}", number.Value)));

    private static bool IsPast(string line, RunState state) => Step(line)?.Step < state.Step || Validation(line)?.Step <= state.Validation?.Step;

    private static HistoryLine? Step(string line) => Parse(line, HistoryJson.Default.HistoryLine);

    private static ValidationLine? Validation(string line)
        => Parse(line, ValidationJson.Default.ValidationLine) is { Validation: not null } found ? found : null;

    private static T? Parse<T>(string line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new CloudsException(Failure.Output, "the run's history cannot be written", path,
                e.Message, "a writable folder with enough space", "free space, then go on with TrainingOptions.Resume", e);
        }
    }
}
