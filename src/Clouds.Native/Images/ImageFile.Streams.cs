using Clouds.Diagnostics;

namespace Clouds.Native.Images;

/// <content>Files that come through streams.</content>
public static partial class ImageFile
{
    /// <summary>Reads a file from a stream, from where it stands to its end; the stream stays open.</summary>
    /// <param name="stream">The file, of any length that files may have.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="warn">As for <see cref="Read(string, Action{string}?)"/>.</param>
    /// <exception cref="CloudsException">BadInput: as for a file, or the stream fails.</exception>
    public static RgbImage Read(Stream stream, string name = "image", Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Decode(WholeStream.Read(stream, name), name, warn);
    }

    /// <summary>The same without a thread that waits for the stream; pixels are decoded on the thread that goes on.</summary>
    /// <param name="stream">The file, of any length that files may have.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="warn">As for <see cref="Read(string, Action{string}?)"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="CloudsException">BadInput: as for a file, or the stream fails.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<RgbImage> ReadAsync(Stream stream, string name = "image", Action<string>? warn = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read();

        async Task<RgbImage> Read() => Decode(await WholeStream.ReadAsync(stream, name, cancellation).ConfigureAwait(false), name, warn);
    }
}
