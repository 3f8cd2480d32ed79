using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Generation.Store;

/// <summary>Thresholds of marks.</summary>
public sealed record MarkOptions
{
    /// <summary>
    /// Images whose brightness deviates less are marked, levels of 256. Ours: 4; what a decoder makes of no numbers has 0.
    /// </summary>
    public double Deviation { get; init; } = 4;

    /// <summary>
    /// Images whose perceptual hashes differ in at most so many of 64 bits are marked as the same. Krawetz 2011, "Looks Like It": up to 5 a few things
    /// differ, beyond 10 it is another image.
    /// </summary>
    public int Distance { get; init; } = 5;
}

/// <summary>The remarks about a store's images, in a file of their own: whoever uses the store may leave out what they name.</summary>
public static class StoreMarks
{
    /// <summary>Marks images by what they look like.</summary>
    /// <param name="images">All images, in their order; of two that are alike the earlier one stays unmarked.</param>
    /// <param name="options">Thresholds.</param>
    /// <param name="scores">What a CLIP saw; null: none has looked. An image has one mark at most, that of its prompt last.</param>
    public static IReadOnlyList<ImageMark> Of(IReadOnlyList<(string File, ImagePrint Print)> images, MarkOptions options, StoreScores? scores = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        Dictionary<string, ImageScore> missed = scores?.Images.Where(scores.Misses).ToDictionary(image => image.File) ?? [];
        List<ImageMark> marks = [];
        List<(string File, ImagePrint Print)> kept = [];
        foreach ((string file, ImagePrint print) in images)
        {
            if (print.Deviation < options.Deviation)
            {
                marks.Add(new ImageMark(file, MarkReason.Constant, Math.Round(print.Deviation, 3)));
            }
            else if (kept.Find(earlier => earlier.Print.Distance(print) <= options.Distance) is { File: string of } like)
            {
                marks.Add(new ImageMark(file, MarkReason.Duplicate, like.Print.Distance(print), of));
            }
            else
            {
                kept.Add((file, print));
                marks.AddRange(missed.TryGetValue(file, out ImageScore? score) ? [new ImageMark(file, MarkReason.Prompt, score.Score)] : []);
            }
        }

        return marks;
    }

    /// <summary>Writes a store's marks in place of earlier ones.</summary>
    /// <exception cref="CloudsException">Output: they cannot be written.</exception>
    public static void Write(string folder, IEnumerable<ImageMark> marks) => AtomicFile.WriteAllBytes(
        Path.Combine(folder, StoreFiles.Marks), Encoding.UTF8.GetBytes(string.Concat(marks.Select(mark => StoreJson.Line(mark) + "\n"))));

    /// <summary>The marks of a folder; none where it has none.</summary>
    /// <exception cref="CloudsException">BadInput: a line cannot be read.</exception>
    public static IReadOnlyList<ImageMark> Read(string folder)
    {
        string path = Path.Combine(folder, StoreFiles.Marks);
        return !File.Exists(path) ? [] : [.. File.ReadLines(path).Where(line => line.Trim().Length > 0).Select(line =>
            StoreJson.Read<ImageMark>(line) ?? throw new CloudsException(Failure.BadInput, "the marks of a store's images cannot be read", path,
                line[..Math.Min(line.Length, 60)], "a mark a line", "remove the file; it is made again from the images"))];
    }
}
