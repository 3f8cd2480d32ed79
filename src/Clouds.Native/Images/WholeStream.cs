using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <summary>Takes a stream into memory whole, within the limits of files; a stream without an end is refused at that limit.</summary>
internal static class WholeStream
{
    private const int Piece = 81_920;

    /// <exception cref="CloudsException">BadInput: the stream fails, is empty or longer than <see cref="ImageLimits.FileBytes"/>.</exception>
    public static byte[] Read(Stream stream, string name)
    {
        using MemoryStream whole = new();
        byte[] piece = new byte[Piece];
        try
        {
            for (int read; (read = stream.Read(piece)) > 0;)
            {
                Append(whole, piece.AsSpan(0, read), name);
            }
        }
        catch (Exception failure) when (failure is IOException)
        {
            throw Broken(name, failure);
        }

        return Complete(whole, name);
    }

    /// <inheritdoc cref="Read"/>
    public static async Task<byte[]> ReadAsync(Stream stream, string name, CancellationToken cancellation)
    {
        using MemoryStream whole = new();
        byte[] piece = new byte[Piece];
        try
        {
            for (int read; (read = await stream.ReadAsync(piece, cancellation).ConfigureAwait(false)) > 0;)
            {
                Append(whole, piece.AsSpan(0, read), name);
            }
        }
        catch (Exception failure) when (failure is IOException)
        {
            throw Broken(name, failure);
        }

        return Complete(whole, name);
    }

    private static void Append(MemoryStream whole, ReadOnlySpan<byte> piece, string name)
    {
        if (whole.Length + piece.Length > ImageLimits.FileBytes)
        {
            throw Size(name, $"more than {ImageLimits.FileBytes} bytes");
        }

        whole.Write(piece);
    }

    private static byte[] Complete(MemoryStream whole, string name) => whole.Length > 0 ? whole.ToArray() : throw Size(name, "0 bytes");

    private static CloudsException Size(string name, string found) => new(Failure.BadInput,
        "the stream's length is outside the limits", name, found, $"1 to {ImageLimits.FileBytes} bytes", "send the whole file and nothing else");

    private static CloudsException Broken(string name, Exception failure)
        => new(Failure.BadInput, "the stream cannot be read", name, failure.Message, next: "send the file again", inner: failure);
}
