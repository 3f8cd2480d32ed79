using System.Globalization;

namespace Clouds.Training.Datasets;

/// <summary>How much of a labelled set can be learned from and scored: pixels that are not ignored, classes that occur.</summary>
/// <param name="Classes">Every class with its pixels, in order.</param>
/// <param name="Samples">Every sample that could be read, in order.</param>
public sealed record LabelCoverage(IReadOnlyList<(string Name, long Pixels)> Classes, IReadOnlyList<SampleCoverage> Samples)
{
    private const double Much = 0.5;
    private const int Shown = 3;

    /// <summary>Share of the ignored pixels in all of them, 0..1.</summary>
    public double IgnoredShare => Samples.Sum(sample => sample.Ignored) / Math.Max(1.0, Samples.Sum(sample => sample.Pixels));

    /// <summary>Whether no pixel has a class.</summary>
    public bool Nothing => Classes.Sum(entry => entry.Pixels) == 0;

    /// <summary>
    /// What a user should know of it, a sentence each; none where at least half of each image has a class and each class occurs. Where no pixel has one,
    /// that is a failure, and not for this list.
    /// </summary>
    public IEnumerable<string> Findings()
    {
        if (Nothing)
        {
            yield break;
        }

        SampleCoverage[] poor = [.. Samples.Where(sample => sample.IgnoredShare > Much).OrderByDescending(sample => sample.IgnoredShare)];
        if (IgnoredShare > Much)
        {
            yield return Text($"{IgnoredShare:P1} of the pixels are ignored");
        }

        if (poor.Length > 0)
        {
            string worst = string.Join(", ", poor.Take(Shown).Select(sample => Text($"{sample.Name} ({sample.IgnoredShare:P1})")));
            yield return $"{poor.Length} of {Samples.Count} images are ignored for more than half: {worst}{(poor.Length > Shown ? ", .." : "")}";
        }

        string[] absent = [.. Classes.Where(entry => entry.Pixels == 0).Select(entry => entry.Name)];
        if (absent.Length > 0)
        {
            yield return $"{absent.Length} of {Classes.Count} classes never occur: {string.Join(", ", absent)}";
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How much of one sample is ignored.</summary>
/// <param name="Name">The sample.</param>
/// <param name="Pixels">All its pixels.</param>
/// <param name="Ignored">Those with label 255.</param>
public sealed record SampleCoverage(string Name, long Pixels, long Ignored)
{
    /// <summary>Share of the ignored ones, 0..1.</summary>
    public double IgnoredShare => Pixels == 0 ? 0 : (double)Ignored / Pixels;
}
