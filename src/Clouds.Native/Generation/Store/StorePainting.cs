using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>What came of filling a store.</summary>
/// <param name="Painted">Images that were painted.</param>
/// <param name="Found">Images that were there, listed or finished by a process that was killed before it could list them.</param>
public sealed record StoreOutcome(int Painted, int Found);

/// <summary>An image that has just been painted.</summary>
/// <param name="Image">How it was made.</param>
/// <param name="Seconds">What it took, its file included; images that were painted together share it.</param>
/// <param name="Bytes">Size of its file.</param>
public sealed record StoredNow(StoredImage Image, double Seconds, long Bytes);

/// <summary>
/// Paints the images that a store lacks. Each is written whole before it is listed, so that a process that is killed at any moment leaves no gap: what it
/// had finished is listed by the next one, what it had begun is painted again.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="painter">Who paints; the caller's. It fits the store's plan.</param>
/// <param name="share">Part of the images that is made here.</param>
public sealed class StorePainting(ImageStore store, IPainter painter, StoreShare share)
{
    private const string Stage = "generate";

    /// <summary>Images that are painted at once, at least 1. Each has the bits that it has alone. CLOUDS: 1.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Told of each image; null: nobody is.</summary>
    public Action<StoredNow>? Painted { get; init; }

    /// <summary>The images of this part that are neither listed nor finished; those that are finished are listed before.</summary>
    /// <param name="count">Images of all parts.</param>
    public IReadOnlyList<int> Missing(int count)
    {
        store.Plan.Require(count);
        using ManifestPart part = new(store.Folder, share);
        return Missing(count, part, out _);
    }

    /// <summary>Paints them.</summary>
    /// <param name="count">Images of all parts.</param>
    /// <param name="progress">Told of the steps.</param>
    /// <param name="stop">Ends it when the operator that runs has ended; images that were finished stay.</param>
    /// <exception cref="CloudsException">Usage: another process makes this part; Output: the disk is full or gone; or as the painter says.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public StoreOutcome Run(int count, IProgress<ProgressReport> progress, CancellationToken stop)
    {
        store.Plan.Require(count);
        using ManifestPart part = new(store.Folder, share);
        IReadOnlyList<int> missing = Missing(count, part, out SortedDictionary<int, StoredImage> listed);
        StepCount steps = new(Stage, missing.Count, store.Plan.Steps, progress);
        foreach (int[] indices in missing.Chunk(Math.Max(1, Batch)))
        {
            stop.ThrowIfCancellationRequested();
            PreviewStrip? strip = indices[0] == 0 ? new PreviewStrip() : null;
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<PaintedImage> images =
                painter.Paint([.. indices.Select(store.Plan.Request)], steps.Of(indices.Length, strip is null ? null : strip.Add), stop);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / indices.Length;
            // Before its image: a process that is killed between the two paints that again.
            strip?.Write(store.PathOf(StoreFiles.Steps), images[0].Image);
            foreach ((int index, PaintedImage image) in indices.Zip(images))
            {
                Keep(index, image, seconds, part, listed.ContainsKey(index));
            }

            steps.Finish(indices.Length);
        }

        return new StoreOutcome(missing.Count, share.Indices(count).Count() - missing.Count);
    }

    private void Keep(int index, PaintedImage painted, double seconds, ManifestPart part, bool isListed)
    {
        long start = Stopwatch.GetTimestamp();
        StoredImage record = StoredImage.Of(store.Plan, index, painter.Facts, painted.Notes);
        byte[] png = record.Encode(painted.Image);
        AtomicFile.WriteAllBytes(store.PathOf(record.File), png);
        if (!isListed)
        {
            part.Append(record);
        }

        Painted?.Invoke(new StoredNow(record, seconds + Stopwatch.GetElapsedTime(start).TotalSeconds, png.Length));
    }

    private List<int> Missing(int count, ManifestPart part, out SortedDictionary<int, StoredImage> listed)
    {
        HashSet<string> there = [.. store.Files()];
        SortedDictionary<int, StoredImage> known = listed = store.Listed();
        RemoveLeftovers(there, count);
        List<int> missing = [];
        foreach (int index in share.Indices(count).Where(index => !known.ContainsKey(index) || !there.Contains(known[index].File)))
        {
            if (!known.ContainsKey(index) && Finished(index, there) is StoredImage record)
            {
                part.Append(record);
                known[index] = record;
            }
            else
            {
                missing.Add(index);
            }
        }

        return missing;
    }

    // An image that whoever was killed had written and not listed yet; one that is something else is painted over.
    private StoredImage? Finished(int index, HashSet<string> there)
    {
        string file = StoreFiles.Image(index);
        if (!there.Contains(file))
        {
            return null;
        }

        try
        {
            StoredImage? record = StoredImage.TryRead(WholeFile.Read(store.PathOf(file), ImageLimits.FileBytes), file);
            return record?.IsSameRequest(StoredImage.Of(store.Plan, index, painter.Facts, null)) == true ? record : null;
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            return null;
        }
    }

    // Of this part alone: the others' files may be in the midst of being written.
    private void RemoveLeftovers(HashSet<string> files, int count)
    {
        HashSet<string> ours = [.. share.Indices(count).Select(StoreFiles.Image)];
        foreach (string file in files.Where(file => file.EndsWith(".tmp", StringComparison.Ordinal)))
        {
            string[] words = file.Split('/')[^1].Split('.');
            if (words is ["", string stem, "png", _, "tmp"] && ours.Contains($"{StoreFiles.Images}/{stem}.png"))
            {
                File.Delete(store.PathOf(file));
            }
        }
    }
}
