namespace Clouds.Runtime.Kernels;

/// <summary>One growing scratch buffer a thread: kernels run thousands of times a minute and must not allocate each time.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static NativeBuffer? _buffer;

    /// <summary>At least <paramref name="count"/> floats with any content; valid until the thread asks again.</summary>
    public static float* Floats(long count)
    {
        long bytes = count * sizeof(float);
        if (_buffer is null || _buffer.Bytes < bytes)
        {
            _buffer?.Dispose();
            _buffer = new NativeBuffer(bytes + (bytes / 4));
        }

        return (float*)_buffer.Pointer;
    }
}
