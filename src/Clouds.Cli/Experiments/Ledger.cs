using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Cli.Experiments;

/// <summary>
/// The results of a reproduction folder, a JSON object a line, oldest first. A line is appended by one write and forced to the disk; what a process that was
/// killed left of one is passed over, and no later line is lost to it.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class Ledger(string path)
{
    private const byte NewLine = (byte)'\n';

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>All results; lines that are damaged are left out.</summary>
    /// <exception cref="CloudsException">BadInput: the file cannot be read.</exception>
    public IReadOnlyList<LedgerEntry> Read()
    {
        if (!File.Exists(Path))
        {
            return [];
        }

        try
        {
            using FileStream file = Open(FileMode.Open, FileAccess.Read, FileShare.Read);
            using StreamReader reader = new(file, Encoding.UTF8);
            return [.. reader.ReadToEnd().Split('\n').Select(Parse).OfType<LedgerEntry>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the ledger cannot be read", Path, e.Message, "a readable file", "check the folder's rights", e);
        }
    }

    /// <summary>Appends a result.</summary>
    /// <exception cref="CloudsException">Output: the file cannot be written.</exception>
    public void Append(LedgerEntry entry)
    {
        try
        {
            using FileStream file = Open(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            byte[] line = [.. EndsInsideALine(file) ? [NewLine] : Array.Empty<byte>(), .. Encoding.UTF8.GetBytes(JsonText.Line(entry)), NewLine];
            file.Seek(0, SeekOrigin.End);
            file.Write(line);
            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.Output, "the ledger cannot be written", Path, e.Message, "a writable folder with enough space",
                "free space, then run the row again: what was trained and scored is kept", e);
        }
    }

    // Several processes may end at once: each has the file for a moment, alone.
    private FileStream Open(FileMode mode, FileAccess access, FileShare share)
    {
        DateTime end = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return new FileStream(Path, mode, access, share, bufferSize: 0);
            }
            catch (IOException) when (File.Exists(Path) && DateTime.UtcNow < end)
            {
                Thread.Sleep(20);
            }
        }
    }

    private static bool EndsInsideALine(FileStream file)
    {
        if (file.Length == 0)
        {
            return false;
        }

        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != NewLine;
    }

    private static LedgerEntry? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonText.Read<LedgerEntry>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
