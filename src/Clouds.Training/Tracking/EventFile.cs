namespace Clouds.Training.Tracking;

/// <summary>
/// A file of numbers and pictures that TensorBoard shows, also while it is being written. Each event is written at once, so what a killed run leaves is
/// whole events and at most one half.
/// </summary>
public sealed class EventFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly TimeProvider _time;

    private EventFile(FileStream stream, TimeProvider time) => (_stream, _time) = (stream, time);

    /// <summary>The last step that has an event; 0: none.</summary>
    public long LastStep { get; private set; }

    private double Seconds => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Opens a file for appending, after cutting off what a resumed run will write again, and the half event of a killed one.</summary>
    /// <param name="path">The file; TensorBoard looks for names with "tfevents" in them. Made where it is missing.</param>
    /// <param name="steps">Steps that are done: events of later ones are cut off.</param>
    /// <param name="time">Whence events have their time; null: the system.</param>
    /// <exception cref="IOException">It cannot be opened or written.</exception>
    public static EventFile Open(string path, long steps, TimeProvider? time = null)
    {
        FileStream stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            EventFile file = new(stream, time ?? TimeProvider.System);
            file.Cut(steps);
            return file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends numbers.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="numbers">By their names; what stands before a slash groups them.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(long step, IEnumerable<KeyValuePair<string, double>> numbers) => Append(step, EventMessage.Scalars(Seconds, step, numbers));

    /// <summary>Appends a picture.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="name">Its name; what stands before a slash groups them.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="png">A whole PNG file of three channels.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void AddImage(long step, string name, int width, int height, ReadOnlySpan<byte> png)
        => Append(step, EventMessage.Image(Seconds, step, name, width, height, png));

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

    private void Cut(long steps)
    {
        long end = 0;
        while (EventRecord.Next(_stream) is byte[] message && EventMessage.StepOf(message) <= steps)
        {
            (end, LastStep) = (_stream.Position, EventMessage.StepOf(message));
        }

        _stream.SetLength(end);
        _stream.Position = end;
        if (end == 0)
        {
            Append(0, EventMessage.Version(Seconds));
        }
    }

    private void Append(long step, byte[] message)
    {
        _stream.Write(EventRecord.Around(message));
        _stream.Flush();
        LastStep = step;
    }
}
