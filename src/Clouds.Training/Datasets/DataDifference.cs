using System.Globalization;

namespace Clouds.Training.Datasets;

/// <summary>In what a data set is not what it was, said of the first difference alone.</summary>
internal sealed class DataDifference
{
    private readonly DataFingerprint _before;
    private readonly DataFingerprint _now;
    private readonly Dictionary<string, SampleMark> _old;
    private readonly Dictionary<string, SampleMark> _new;

    private DataDifference(DataFingerprint before, DataFingerprint now)
    {
        (_before, _now) = (before, now);
        _old = before.Samples.ToDictionary(sample => sample.Name, StringComparer.Ordinal);
        _new = now.Samples.ToDictionary(sample => sample.Name, StringComparer.Ordinal);
    }

    /// <summary>The first difference: of the description, then of the samples in their old order, then of samples that were added. Null: none.</summary>
    public static string? First(DataFingerprint before, DataFingerprint now)
    {
        DataDifference difference = new(before, now);
        return difference.OfDescription()
            ?? before.Samples.Select(difference.OfSample).FirstOrDefault(found => found is not null)
            ?? difference.OfAdded()
            ?? difference.OfFacts(fact => true);
    }

    // A number of samples that changed shows better in the sample that came or went.
    private string? OfDescription() => OfFacts(fact => !_before.OfFiles || fact != "number of samples");

    private string? OfFacts(Predicate<string> wanted)
    {
        foreach (DataFact fact in _before.Facts.Where(fact => wanted(fact.Name)))
        {
            string now = _now.Facts.FirstOrDefault(other => other.Name == fact.Name)?.Text ?? "";
            if (now != fact.Text)
            {
                (string was, string has) = FirstWord(fact.Text.Split(' '), now.Split(' '));
                return $"the {fact.Name} changed: {has}, before {was}";
            }
        }

        return null;
    }

    private static (string Was, string Is) FirstWord(string[] before, string[] now)
    {
        int i = before.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return (before.ElementAtOrDefault(i) ?? "nothing more", now.ElementAtOrDefault(i) ?? "nothing more");
    }

    private string? OfSample(SampleMark before)
    {
        if (_new.TryGetValue(before.Name, out SampleMark? now))
        {
            return before.Files.Count != now.Files.Count
                ? $"{before.Name} has {now.Files.Count} files, before {before.Files.Count}"
                : before.Files.Zip(now.Files).Select((pair, i) => OfFile(before.Name, i, pair.First, pair.Second)).FirstOrDefault(found => found is not null);
        }

        SampleMark? renamed = _now.Samples.FirstOrDefault(other => !_old.ContainsKey(other.Name) && Same(before, other));
        return renamed is null ? $"image {before.Name} was removed" : $"image {before.Name} was renamed to {renamed.Name}";
    }

    private string? OfFile(string sample, int index, FileMark before, FileMark now)
    {
        if (before.Bytes == now.Bytes && (_before.Sampled != _now.Sampled || before.Digest == now.Digest))
        {
            return null;
        }

        string what = _before.OfFiles ? index == 0 ? $"the image file of {sample}" : $"the label file of {sample}" : $"what is made as {sample}";
        return before.File != now.File ? $"{what} was encoded again: {now.File}, before {before.File}"
            : before.Bytes != now.Bytes ? $"{what} was edited or encoded again: {Bytes(now)}, before {Bytes(before)}"
            : $"{what} was edited: other content of the same {Bytes(now)}";
    }

    private string? OfAdded() => _now.Samples.FirstOrDefault(sample => !_old.ContainsKey(sample.Name)) is SampleMark added
        ? $"image {added.Name} was added"
        : null;

    private static bool Same(SampleMark a, SampleMark b) => a.Files.Select(file => (file.Bytes, file.Digest)).SequenceEqual(
        b.Files.Select(file => (file.Bytes, file.Digest)));

    private static string Bytes(FileMark file) => file.Bytes < 0
        ? "a file that cannot be read"
        : string.Create(CultureInfo.InvariantCulture, $"{file.Bytes:N0} bytes");
}
