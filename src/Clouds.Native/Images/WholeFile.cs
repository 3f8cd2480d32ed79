using Clouds.Graph.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>Writes a file completely or not at all: a temporary name in the same folder, then a rename.</summary>
internal static class WholeFile
{
    /// <summary>Writes the bytes; a file of that name is replaced in one step. Missing folders are made.</summary>
    /// <exception cref="CloudsException">Output, naming the file and the system's reason.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(bytes);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw new CloudsException(Failure.Output, "the file cannot be written", path, e.Message, next: "check permissions and free space, or choose another folder", inner: e);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a leftover .part file does no harm.
        }
    }
}
