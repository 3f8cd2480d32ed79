using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Sources;

/// <summary>Opens a data set by the text that users give, in one of the forms of <see cref="DatasetScheme.All"/>.</summary>
public static class DatasetSource
{
    /// <summary>The forms, for help texts.</summary>
    public static string Forms { get; } = string.Join(", or ", DatasetScheme.All.Select(scheme => scheme.Form));

    /// <summary>Opens a labelled data set.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="warn">Told in one sentence, from any thread that loads, where a file can be read but is not quite as it should be.</param>
    /// <exception cref="CloudsException">Usage: the text or a description is wrong, or there are no labels; BadInput: files are missing.</exception>
    public static IDataset Open(string spec, Action<string>? warn = null) => OpenImages(spec, warn) as IDataset ?? throw new CloudsException(
        Failure.Usage, "the data set has no labels", spec, "images alone", "a labelled data set",
        "say under \"labels\" in its JSON file where its label files are");

    /// <summary>Opens a data set whose labels, if it has any, nobody needs.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="warn">Told in one sentence, from any thread that loads, where a file can be read but is not quite as it should be.</param>
    /// <exception cref="CloudsException">Usage: the text or a description is wrong; BadInput: files are missing.</exception>
    public static IImageSet OpenImages(string spec, Action<string>? warn = null) => SchemeOf(spec).Open(spec, warn);

    /// <summary>Loads every sample once and collects all problems, complaints of the decoders among them.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="progress">Told after every sample; null: nobody.</param>
    /// <param name="warn">As for <see cref="Open"/>, but for complaints of decoders, which are in the report.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">Usage or BadInput, where not even the list of samples can be made.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static DatasetReport Check(
        string spec, IProgress<ProgressReport>? progress = null, Action<string>? warn = null, CancellationToken cancellation = default)
    {
        using ThreadLocal<List<string>> heard = new(() => []);
        Action<string>? hear = warn;
        IImageSet set = SchemeOf(spec).OpenIncomplete(spec, sentence => hear?.Invoke(sentence));
        hear = sentence => heard.Value!.Add(sentence);
        return DatasetCheck.Run(set, Complaint, progress, cancellation);

        string? Complaint()
        {
            string? complaint = heard.Value!.Count == 0 ? null : string.Join("; ", heard.Value);
            heard.Value.Clear();
            return complaint;
        }
    }

    /// <summary>The text under which a data set can be opened again from any folder: absolute where it is a path.</summary>
    public static string Absolute(string spec) => SchemeOf(spec).Absolute(spec);

    // A word and a colon that are no file are a scheme that nobody knows rather than a file that is missing.
    private static DatasetScheme SchemeOf(string spec)
    {
        DatasetScheme scheme = DatasetScheme.All.First(scheme => scheme.Fits(spec));
        int colon = spec.IndexOf(':', StringComparison.Ordinal);
        if (scheme.Names.Count > 0 || colon <= 0 || spec.AsSpan(0, colon).ContainsAny('/', '.') || File.Exists(spec))
        {
            return scheme;
        }

        string? near = NearestName.Find(spec[..colon], DatasetScheme.All.SelectMany(known => known.Names));
        throw new CloudsException(Failure.Usage, "the data set's scheme is unknown", spec, $"'{spec[..colon]}'", Forms,
            near is null ? "choose one of these forms" : $"did you mean '{near}'?");
    }
}
