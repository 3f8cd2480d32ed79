namespace Clouds.Native.Images;

/// <summary>Owns the libvips images of one call and returns them together, newest first.</summary>
internal sealed class VipsScope : IDisposable
{
    private readonly Stack<nint> _images = new();

    /// <summary>Takes ownership of an image; 0 passes through.</summary>
    public nint Keep(nint image)
    {
        if (image != 0)
        {
            _images.Push(image);
        }

        return image;
    }

    /// <summary>Gives every image back.</summary>
    public void Dispose()
    {
        while (_images.TryPop(out nint image))
        {
            Vips.g_object_unref(image);
        }
    }
}
