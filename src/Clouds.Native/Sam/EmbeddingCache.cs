using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Native.Sam;

/// <summary>
/// Keeps the embeddings of images in a folder, for images that are looked at again and again, such as generated sets. What it gives has the same bits as
/// <see cref="SegmentAnything.Embed"/>: an entry belongs to the image's pixels, the encoder's weights, this program's version, and the processor's instructions
/// or the GPU. Any number of threads and processes may use one folder at once. A damaged entry is noticed and made anew; a folder that cannot be written costs
/// a warning. It needs no disposal, and owns nothing.
/// </summary>
/// <example>
/// <code>
/// using SegmentAnything sam = SegmentAnything.Load("mobile_sam.pt");
/// EmbeddingCache cache = new(sam);
/// PromptAnswer answer = cache.Embed(ImageFile.Read("street.jpg")).Predict([new PromptPoint(340, 220)]);
/// </code>
/// </example>
public sealed class EmbeddingCache
{
    /// <summary>What entries take by default: 10 GiB, 2,500 images with the published sizes.</summary>
    public const long DefaultBytes = 10L << 30;

    private const int Format = 1;

    private readonly SegmentAnything _sam;
    private readonly EntryFolder? _entries;
    private readonly Lazy<string> _embedder;

    /// <param name="sam">Who looks at images that the folder does not have; has to live as long as the cache is used.</param>
    /// <param name="folder">
    /// Where entries lie, made when it is missing; other files in it are left alone. Null: clouds/embeddings in XDG_CACHE_HOME, or in .cache of the home;
    /// where the user has neither nothing is kept.
    /// </param>
    /// <param name="mostBytes">What all entries may take; the least recently used go first. 0: nothing is kept or looked up.</param>
    /// <param name="warn">Told once in one sentence that entries cannot be kept, or read, and why.</param>
    /// <exception cref="ArgumentException">An empty folder, or less than 0 bytes.</exception>
    public EmbeddingCache(SegmentAnything sam, string? folder = null, long mostBytes = DefaultBytes, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentOutOfRangeException.ThrowIfNegative(mostBytes);
        Folder = folder ?? UserCache.Folder("embeddings");
        if (Folder is not null)
        {
            ArgumentException.ThrowIfNullOrEmpty(Folder, nameof(folder));
            _entries = mostBytes > 0 ? new EntryFolder(Folder, mostBytes, warn) : null;
        }

        _sam = sam;
        _embedder = new Lazy<string>(() => $"{Format} {sam.ModelDigest} {sam.Arithmetic}");
    }

    /// <summary>Where entries lie; null: nowhere.</summary>
    public string? Folder { get; }

    /// <summary>Segment Anything as <see cref="PseudoLabelRefiner"/> asks it, with this cache; nothing to dispose.</summary>
    public IMaskPredictor Predictor => _sam.PredictorWith(Embed);

    /// <summary>The image's embedding, from the folder where it has it; else it is made and kept.</summary>
    /// <param name="image">Any size of 1 pixel and more; read until the call returns.</param>
    /// <param name="cancellation">Ends the call, when the operator that runs has ended.</param>
    /// <exception cref="ArgumentException">An image without pixels.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The <see cref="SegmentAnything"/> is disposed, or was meanwhile.</exception>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="SegmentAnything.Embed"/> says; never for the folder.</exception>
    public ImageEmbedding Embed(RgbImage image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        cancellation.ThrowIfCancellationRequested();
        if (_entries is null)
        {
            return _sam.Embed(image, cancellation);
        }

        string digest = ImageEmbedding.DigestOf(image);
        string name = Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes($"{_embedder.Value} {digest}")));
        if (_entries.Find(name, sizeof(float) * _sam.EmbeddingElements) is byte[] found)
        {
            return _sam.Remembered(image, digest, MemoryMarshal.Cast<byte, float>(found).ToArray());
        }

        ImageEmbedding made = _sam.Embed(image, cancellation);
        _entries.Keep(name, MemoryMarshal.AsBytes(made.Values));
        return made;
    }
}
