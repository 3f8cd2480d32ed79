using Clouds.Native.Images;
using Clouds.Runtime.Devices;

namespace Clouds.Native.Segmentation;

/// <summary>What a segmenter runs: how it wants its images, and the networks that answer them. Lanes ask for these at the same time.</summary>
internal interface ISegmentationModel : IDisposable
{
    /// <summary>Names and colours of the classes.</summary>
    ClassSet Classes { get; }

    /// <summary>Short side in pixels that it was made for; 0: the image's own size.</summary>
    int ShortSide { get; }

    /// <summary>Long side that goes with this short side; null: as <see cref="TestTimeResize"/> has it.</summary>
    int? LongSide { get; }

    /// <summary>Bytes of a GPU's memory that its weights take once for all graphs.</summary>
    long BytesOnDevice { get; }

    /// <summary>Opens what only the device can check; called once, before anything else.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput or Weights: the file's graph does not run, or is not what the file says.</exception>
    void Prepare(Device device, SegmenterOptions options);

    /// <summary>The size at which its network sees an image, given the size at which it would be tested.</summary>
    (int Width, int Height) Fit(int width, int height);

    /// <summary>The size with padding, of an image of this size.</summary>
    (int Width, int Height) Padded(int width, int height);

    /// <summary>Refuses to go on where the file was written to in place.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights.</exception>
    void RequireUnchanged();

    /// <summary>A network for images of a padded size, for one lane.</summary>
    /// <param name="height">Padded rows.</param>
    /// <param name="width">Padded columns.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="options">The segmenter's.</param>
    /// <param name="taken">Bytes of the segmenter's other graphs on a GPU.</param>
    IInference Open(int height, int width, Device device, SegmenterOptions options, Func<long> taken);
}
