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
    private const string Steps = "train", Validated = "validation";

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
        EventFile events = EventFile.Open(folder.Events, (Steps, state.Step), (Validated, state.Validation?.Step ?? -1));
        Complete(events, kept);
        return new TrainingHistory(path, new StreamWriter(path, append: true) { AutoFlush = true }, events);
    });

    /// <summary>Steps recorded so far; lines that were cut short are left out.</summary>
    public static IReadOnlyList<HistoryLine> Read(string path) => [.. File.ReadLines(path).Select(Step).OfType<HistoryLine>()];

    /// <summary>Validations recorded so far, likewise.</summary>
    public static IReadOnlyList<ValidationLine> Validations(string path) => [.. File.ReadLines(path).Select(Validation).OfType<ValidationLine>()];

    /// <summary>All of it, with word of the lines that are left out.</summary>
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

        return new HistoryContents(steps, validations, damaged, number);
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
        Append(Events, line);
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

    // What a killed run recorded and did not come to tell, and what an older version did not tell at all.
    private static void Complete(EventFile events, string[] lines)
    {
        (long step, long validation) = (events.Last(Steps), events.Last(Validated));
        foreach (string line in lines)
        {
            if (Step(line) is HistoryLine done && done.Step >= step)
            {
                Append(events, done);
            }
            else if (Validation(line) is ValidationLine scored && scored.Step > validation)
            {
                Append(events, scored);
            }
        }
    }

    private static void Append(EventFile events, HistoryLine line)
        => events.Add(line.Step + 1, line.Numbers.Select(number => KeyValuePair.Create($"{Steps}/{number.Key}", number.Value)));

    private static void Append(EventFile events, ValidationLine line)
    {
        events.Add(line.Step, line.Numbers.Select(number => KeyValuePair.Create($"{Validated}/{number.Key}", number.Value)));
        foreach (ValidationPicture picture in line.Pictures)
        {
            events.AddImage(line.Step, $"{Validated}/{picture.Name}", picture.Width, picture.Height, picture.Png);
        }
    }

    private static bool IsPast(string line, RunState state) => Step(line)?.Step < state.Step || Validation(line)?.Step <= state.Validation?.Step;

    private static HistoryLine? Step(string line) => Parse(line, HistoryJson.Default.HistoryLine);

    private static ValidationLine? Validation(string line) => Parse(line, ValidationJson.Default.ValidationLine) is { Validation: { } scores } found
        && scores.All(score => score is { Data: not null, Classes: not null }) ? found : null;

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
