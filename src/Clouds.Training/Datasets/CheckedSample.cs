using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>One sample as a check found it: an image, maybe with labels, or a problem.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image; null: there is a problem.</param>
/// <param name="Labels">Its labels; null: it has none.</param>
/// <param name="Content">What its picture is; null: there is a problem.</param>
/// <param name="Complaint">What the decoder said; null: nothing.</param>
/// <param name="Problem">Why it cannot be used; null: it can.</param>
/// <param name="FileBytes">Bytes of its files.</param>
internal sealed record CheckedSample(
    string Name, RgbImage? Image, LabelMap? Labels, SampleContent? Content, string? Complaint, DatasetProblem? Problem, long FileBytes)
{
    /// <summary>Reads a sample.</summary>
    /// <param name="set">The set.</param>
    /// <param name="index">Which one.</param>
    /// <param name="complaint">What the decoder said on this thread since it was asked last; null: nothing.</param>
    public static CheckedSample Of(IImageSet set, int index, Func<string?> complaint)
    {
        string name = set.SampleName(index);
        long bytes = set.Files(index).Sum(file => new FileInfo(file) is { Exists: true } there ? there.Length : 0);
        try
        {
            Sample? sample = (set as IDataset)?.Load(index);
            RgbImage image = sample?.Image ?? set.LoadImage(index);
            return new CheckedSample(name, image, sample?.Labels, SampleContent.Of(name, image), complaint(), null, bytes);
        }
        catch (CloudsException e)
        {
            _ = complaint();
            return new CheckedSample(name, null, null, null, null, DatasetProblem.Of(name, e), bytes);
        }
    }
}
