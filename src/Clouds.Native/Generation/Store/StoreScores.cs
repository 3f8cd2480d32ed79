using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Catalogue;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>How well an image shows its prompt.</summary>
/// <param name="File">The image, as the store's list names it.</param>
/// <param name="Score">Cosine of the embeddings of image and prompt, -1..1.</param>
/// <param name="Others">The mean cosine with the store's other prompts; null: it has no other.</param>
public sealed record ImageScore(string File, double Score, double? Others);

/// <summary>The scores of a store's images, scores.json: by which CLIP, and from where on an image is marked.</summary>
public sealed class StoreScores
{
    private const int SaveEvery = 100;
    private const int Digits = 6;

    /// <summary>Name of the CLIP.</summary>
    public required string Model { get; init; }

    /// <summary>Its weight files with their digests: scores of different CLIPs cannot be compared.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>Images that score less are marked; null: <see cref="ImageScore.Others"/> alone decides.</summary>
    public double? Least { get; init; }

    /// <summary>A score an image, by number.</summary>
    public required IReadOnlyList<ImageScore> Images { get; init; }

    /// <summary>
    /// Whether an image does not show its prompt: it scores no more with it than with the store's other prompts on average (the idea of CLIP-R-Precision, Park
    /// et al. 2021, which holds for any CLIP), or less than <see cref="Least"/>.
    /// </summary>
    public bool Misses(ImageScore image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return image.Score <= image.Others || image.Score < Least;
    }

    /// <summary>Scores all images of a store and writes the scores; those that the same CLIP gave before stay.</summary>
    /// <exception cref="CloudsException">BadInput: an image is damaged; Output: the scores cannot be written; as the CLIP's otherwise.</exception>
    public static StoreScores Of(ImageStore store, ClipScorer clip, double? least, IProgress<ProgressReport> progress, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(clip);
        IReadOnlyList<StoredImage> images = store.Images();
        PromptContrast contrast = new(clip, store.Plan.Prompts, stop);
        Dictionary<string, ImageScore> before = Read(store.Folder) is StoreScores old && old.Files.SequenceEqual(clip.Files)
            ? old.Images.ToDictionary(image => image.File) : [];
        List<ImageScore> done = [];
        StoreScores scores = new() { Model = clip.Name, Files = clip.Files, Least = least, Images = done };
        foreach (StoredImage image in images)
        {
            stop.ThrowIfCancellationRequested();
            bool known = before.TryGetValue(image.File, out ImageScore? score);
            done.Add(score ?? contrast.Score(image, ImageFile.Read(store.PathOf(image.File)), stop));
            progress.Report(new ProgressReport("CLIP score", done.Count, images.Count));
            if (!known && done.Count % SaveEvery == 0)
            {
                scores.Write(store.Folder);
            }
        }

        scores.Write(store.Folder);
        return scores;
    }

    /// <summary>The scores of a folder; null: it has none.</summary>
    /// <exception cref="CloudsException">BadInput: the file cannot be read.</exception>
    public static StoreScores? Read(string folder)
    {
        string path = Path.Combine(folder, StoreFiles.Scores);
        return !File.Exists(path) ? null : StoreJson.Read<StoreScores>(Encoding.UTF8.GetString(WholeFile.Read(path))) ?? throw new CloudsException(
            Failure.BadInput, "the scores of a store's images cannot be read", path, "something else", "what was written there",
            "remove the file, and let a CLIP look at the images again");
    }

    internal static double Rounded(double score) => Math.Round(score, Digits);

    private void Write(string folder) =>
        AtomicFile.WriteAllBytes(Path.Combine(folder, StoreFiles.Scores), Encoding.UTF8.GetBytes(StoreJson.Document(this) + "\n"));
}
