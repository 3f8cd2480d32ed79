using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Stores;

/// <summary>An image of a store as people look at it.</summary>
/// <param name="Image">How it was made.</param>
/// <param name="Thumbnail">A small JPEG.</param>
/// <param name="Print">What marks depend on.</param>
internal sealed record ReviewedImage(StoredImage Image, byte[] Thumbnail, ImagePrint Print);

/// <summary>A look at every image of a store: thumbnails, and marks, which are written.</summary>
internal sealed class StoreReview
{
    private const int ThumbnailSide = 160;
    private const int ThumbnailQuality = 75;

    private StoreReview(ImageStore store, IReadOnlyList<ReviewedImage> images) => (Store, Images) = (store, images);

    /// <summary>The store.</summary>
    public ImageStore Store { get; }

    /// <summary>Its images, by number.</summary>
    public IReadOnlyList<ReviewedImage> Images { get; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<ImageMark> Marks { get; private init; } = [];

    /// <summary>What a CLIP saw; null: none has looked.</summary>
    public StoreScores? Scores { get; private init; }

    /// <summary>The mean of the scores.</summary>
    public double? MeanScore => Scores is { Images.Count: > 0 } ? Scores.Images.Average(image => image.Score) : null;

    /// <summary>Looks at a store and writes its marks.</summary>
    /// <exception cref="CloudsException">BadInput: an image is damaged; Output: the marks cannot be written.</exception>
    public static StoreReview Of(ImageStore store, IProgress<ProgressReport> progress, CancellationToken stop)
    {
        IReadOnlyList<StoredImage> images = store.Images();
        List<ReviewedImage> seen = [];
        foreach (ReviewedImage image in SideBySide.Select(images, image => Look(store, image)))
        {
            stop.ThrowIfCancellationRequested();
            seen.Add(image);
            progress.Report(new ProgressReport("look at the images", seen.Count, images.Count));
        }

        StoreScores? scores = StoreScores.Read(store.Folder);
        IReadOnlyList<ImageMark> marks = StoreMarks.Of([.. seen.Select(image => (image.Image.File, image.Print))], new MarkOptions(), scores);
        StoreMarks.Write(store.Folder, marks);
        return new StoreReview(store, seen) { Marks = marks, Scores = scores };
    }

    private static ReviewedImage Look(ImageStore store, StoredImage stored)
    {
        RgbImage image = ImageFile.Read(store.PathOf(stored.File));
        double scale = Math.Min(1, ThumbnailSide / (double)Math.Max(image.Width, image.Height));
        RgbImage small = PillowResize.Bilinear(image, Math.Max(1, (int)(image.Width * scale)), Math.Max(1, (int)(image.Height * scale)));
        return new ReviewedImage(stored, ImageFile.EncodeJpeg(small, ThumbnailQuality), ImagePrint.Of(image));
    }
}
