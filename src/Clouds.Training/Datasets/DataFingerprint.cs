using System.Text.Json;
using System.Text.Json.Serialization;
using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>Something besides files that decides what the samples of a set are.</summary>
/// <param name="Name">What messages call it, for instance "id map".</param>
/// <param name="Text">Words with spaces between them; a difference is told by the first word that differs.</param>
public sealed record DataFact(string Name, string Text);

/// <summary>One sample of a set.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Files">Its files, the image first; of a sample that is made, one mark of its pixels or none.</param>
public sealed record SampleMark(string Name, IReadOnlyList<FileMark> Files);

/// <summary>One file of a sample.</summary>
/// <param name="File">Its name without folders.</param>
/// <param name="Bytes">Its length; -1 where it cannot be read.</param>
/// <param name="Digest">XXH128 of what <see cref="DataFingerprint.Sampled"/> says, in hexadecimal.</param>
public sealed record FileMark(string File, long Bytes, string Digest);

/// <summary>
/// What a data set was, so that a run is not resumed on another: facts of its description, and of every sample its name and the names, lengths and
/// digests of its files. Files of a set of up to 1 GiB are digested whole; of a larger set the first and the last 16 KiB of each, where a PNG has
/// the checksums of its pixels and a JPEG what every change before moves along. Of a set without files the pixels of up to 4 samples are digested.
/// </summary>
/// <param name="Sampled">What digests are of: "whole files", "ends of files" or "pixels".</param>
/// <param name="Facts">Facts of the description.</param>
/// <param name="Samples">The samples in the set's order; of a set without files those whose pixels were looked at.</param>
public sealed record DataFingerprint(string Sampled, IReadOnlyList<DataFact> Facts, IReadOnlyList<SampleMark> Samples)
{
    /// <summary>Whether the set is made of files.</summary>
    [JsonIgnore]
    public bool OfFiles => Sampled != FileDigests.Pixels;

    /// <summary>Looks at a data set. What its files hold need not be usable.</summary>
    /// <param name="set">The set.</param>
    /// <param name="progress">Told after each sample, stage "fingerprint"; null: nobody.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DataFingerprint Of(IImageSet set, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        FileDigests digests = new(set);
        SampleMark[] marks = new SampleMark[digests.Indices.Count];
        int done = 0;
        Parallel.For(0, marks.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            marks[i] = digests.Mark(digests.Indices[i]);
            progress?.Report(new ProgressReport("fingerprint", Interlocked.Increment(ref done), marks.Length));
        });
        return new DataFingerprint(digests.Sampled, [.. set.Facts, new DataFact("number of samples", $"{set.Count}")], marks);
    }

    /// <summary>As one text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FingerprintJson.Default.DataFingerprint);

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    public static DataFingerprint Read(string json) =>
        JsonSerializer.Deserialize(json, FingerprintJson.Default.DataFingerprint) ?? throw new JsonException("the fingerprint of the data is null");
}

[JsonSerializable(typeof(DataFingerprint))]
internal sealed partial class FingerprintJson : JsonSerializerContext;
