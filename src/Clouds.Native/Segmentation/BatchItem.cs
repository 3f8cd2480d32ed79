using System.Runtime.ExceptionServices;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>What became of one image of a batch.</summary>
/// <typeparam name="T">What it was read from.</typeparam>
public sealed class BatchItem<T>
{
    private readonly SegmentationResult? _result;

    internal BatchItem(T source, RgbImage? image, SegmentationResult? result, CloudsException? failure)
        => (Source, Image, _result, Failure) = (source, image, result, failure);

    /// <summary>What it was read from.</summary>
    public T Source { get; }

    /// <summary>The image; null where it could not be read.</summary>
    public RgbImage? Image { get; }

    /// <summary>Why it has no answer: it could not be read, or the network's answer is not finite; null where it has one.</summary>
    public CloudsException? Failure { get; }

    /// <summary>The answer.</summary>
    /// <exception cref="CloudsException">There is none: <see cref="Failure"/>.</exception>
    public SegmentationResult Result
    {
        get
        {
            if (Failure is not null)
            {
                ExceptionDispatchInfo.Throw(Failure);
            }

            return _result!;
        }
    }
}
