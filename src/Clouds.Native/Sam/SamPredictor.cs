using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Native.Sam;

/// <summary>Segment Anything as the refinement of pseudo labels asks it.</summary>
/// <param name="sam">Who is asked.</param>
/// <param name="device">Where it computes.</param>
/// <param name="exported">Whether the decoder is another's, which takes one prompt at a time from the host.</param>
/// <param name="embed">How images are embedded: by itself, or by a cache in front of it.</param>
internal sealed class SamPredictor(SegmentAnything sam, Device device, bool exported, Func<RgbImage, CancellationToken, ImageEmbedding> embed)
    : IMaskPredictor, IOnDevice
{
    public Device Device => device;

    public IEmbeddedImage Embed(RgbImage image, CancellationToken cancellation)
    {
        ImageEmbedding embedding = embed(image, cancellation);
        return device.TensorGpu is Gpu gpu && !exported ? new EmbeddedOnDevice(sam, embedding, gpu) : new EmbeddedImage(sam, embedding);
    }
}
