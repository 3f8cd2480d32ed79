namespace Clouds.Training.Tracking;

/// <summary>
/// A file of numbers and pictures that TensorBoard shows, also while it is being written. Each event is written at once, so what a killed run leaves is
/// whole events and at most one half.
/// </summary>
public sealed class EventFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, long> _last = [];

    private EventFile(FileStream stream, TimeProvider time) => (_stream, _time) = (stream, time);

    private double Seconds => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Opens a file for appending, after cutting off what a resumed run will write again, and the half event of a killed one.</summary>
    /// <param name="path">The file; TensorBoard looks for names with "tfevents" in them. Made where it is missing.</param>
    /// <param name="done">
    /// Groups of events, by what their names have before the slash, and the last step of each that is done: the file is cut at the first event of a later
    /// one, and of a group that is not named here.
    /// </param>
    /// <exception cref="IOException">It cannot be opened or written.</exception>
    public static EventFile Open(string path, params ReadOnlySpan<(string Group, long Step)> done)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            EventFile file = new(stream, TimeProvider.System);
            file.Cut(done);
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The last step for which a group has an event; −1: none.</summary>
    public long Last(string group) => _last.GetValueOrDefault(group, -1);

    /// <summary>Appends numbers; nothing where there are none.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="numbers">By their names, all of one group: what stands before the slash.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(long step, IEnumerable<KeyValuePair<string, double>> numbers)
    {
        KeyValuePair<string, double>[] all = [.. numbers];
        if (all.Length > 0)
        {
            Append(EventMessage.Scalars(Seconds, step, all));
            _last[GroupOf(all[0].Key)] = step;
        }
    }

    /// <summary>Appends a picture.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="name">Its name; what stands before the slash is its group.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="png">A whole PNG file of three channels.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void AddImage(long step, string name, int width, int height, ReadOnlySpan<byte> png)
    {
        Append(EventMessage.Image(Seconds, step, name, width, height, png));
        _last[GroupOf(name)] = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Every event was written at once: nothing is lost here that was not reported there.
        }
    }

    private static string GroupOf(string name) => name.Split('/')[0];

    private void Cut(ReadOnlySpan<(string Group, long Step)> done)
    {
        long end = 0;
        while (EventRecord.Next(_stream) is byte[] message)
        {
            (long step, string name) = EventMessage.Head(message);
            string group = GroupOf(name);
            if (end > 0 && !IsDone(done, group, step))
            {
                break;
            }

            end = _stream.Position;
            _last[group] = step;
        }

        _stream.SetLength(end);
        _stream.Position = end;
        if (end == 0)
        {
            Append(EventMessage.Version(Seconds));
        }
    }

    private static bool IsDone(ReadOnlySpan<(string Group, long Step)> done, string group, long step)
    {
        foreach ((string name, long last) in done)
        {
            if (name == group)
            {
                return step <= last;
            }
        }

        return false;
    }

    private void Append(byte[] message)
    {
        _stream.Write(EventRecord.Around(message));
        _stream.Flush();
    }
}
