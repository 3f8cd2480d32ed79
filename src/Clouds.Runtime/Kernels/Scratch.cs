namespace Clouds.Runtime.Kernels;

/// <summary>One growing scratch buffer a thread: kernels run thousands of times a minute and must not allocate each time.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static NativeBuffer? buffer;

    /// <summary>At least <paramref name="count"/> floats with any content; valid until the thread asks again.</summary>
    public static float* Floats(long count)
    {
        long bytes = count * sizeof(float);
        if (buffer is null || buffer.Bytes < bytes)
        {
            buffer?.Dispose();
            buffer = new NativeBuffer(bytes + (bytes / 4));
        }

        return (float*)buffer.Pointer;
    }
}
