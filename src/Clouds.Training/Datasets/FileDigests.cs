using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>Digests the files of a data set by the rule of <see cref="DataFingerprint"/>.</summary>
internal sealed class FileDigests
{
    public const string Pixels = "pixels";

    private const string Whole = "whole files";
    private const string Ends = "ends of files";
    private const int EndBytes = 16 << 10;
    private const int MostMade = 4;

    private readonly IImageSet _set;

    /// <param name="set">The set.</param>
    /// <param name="mostWhole">Largest set in bytes whose files are digested whole.</param>
    public FileDigests(IImageSet set, long mostWhole = 1L << 30)
    {
        _set = set;
        bool made = Enumerable.Range(0, set.Count).All(i => set.Files(i).Count == 0);
        Indices = made ? Spread(set.Count) : [.. Enumerable.Range(0, set.Count)];
        Sampled = made ? Pixels : Indices.Sum(i => set.Files(i).Sum(Length)) <= mostWhole ? Whole : Ends;
    }

    /// <summary>What digests are of.</summary>
    public string Sampled { get; }

    /// <summary>The samples that are looked at.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>A sample's mark.</summary>
    public SampleMark Mark(int index) => new(_set.SampleName(index), Sampled == Pixels ? [OfPixels(index)] : [.. _set.Files(index).Select(OfFile)]);

    private FileMark OfPixels(int index)
    {
        Sample? sample = (_set as IDataset)?.Load(index);
        RgbImage image = sample?.Image ?? _set.LoadImage(index);
        XxHash128 hash = new();
        hash.Append(image.Pixels);
        hash.Append(MemoryMarshal.AsBytes<ushort>(sample?.Labels.Ids));
        return new FileMark("", image.Pixels.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    // A file that cannot be read is a sample that cannot be used, which is for the check of the data set to say.
    private FileMark OfFile(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            XxHash128 hash = new();
            if (Sampled == Whole || file.Length <= 2 * EndBytes)
            {
                hash.Append(file);
            }
            else
            {
                AppendEnds(hash, file);
            }

            return new FileMark(Path.GetFileName(path), file.Length, Convert.ToHexStringLower(hash.GetCurrentHash()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileMark(Path.GetFileName(path), -1, "");
        }
    }

    private static void AppendEnds(XxHash128 hash, FileStream file)
    {
        byte[] end = new byte[EndBytes];
        file.ReadExactly(end);
        hash.Append(end);
        file.Seek(-EndBytes, SeekOrigin.End);
        file.ReadExactly(end);
        hash.Append(end);
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private static int[] Spread(int count)
    {
        int some = Math.Min(count, MostMade);
        return [.. Enumerable.Range(0, some).Select(i => (int)((long)i * count / some))];
    }
}
