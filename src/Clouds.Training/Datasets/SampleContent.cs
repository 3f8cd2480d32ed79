using System.IO.Hashing;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>What the picture of a sample is, whatever file it lies in.</summary>
/// <param name="Sample">Its name.</param>
/// <param name="Digest">XXH128 of size and pixels as they are trained on, in hexadecimal: equal pictures have equal ones.</param>
public sealed record SampleContent(string Sample, string Digest)
{
    private const int Shown = 3;

    /// <summary>The digest of a picture.</summary>
    public static SampleContent Of(string sample, RgbImage image)
    {
        XxHash128 hash = new();
        hash.Append(BitConverter.GetBytes(image.Width));
        hash.Append(image.Pixels);
        return new SampleContent(sample, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>The sentence that pictures are there several times; none where each is there once.</summary>
    public static IEnumerable<string> Repeated(IEnumerable<SampleContent> contents)
    {
        string[][] groups =
        [
            .. contents.GroupBy(content => content.Digest, content => content.Sample).Where(group => group.Count() > 1).Select(group => group.ToArray()),
        ];
        return groups.Length == 0 ? []
            : [$"{groups.Sum(group => group.Length - 1)} images repeat another, pixel by pixel: {Listed(groups.Select(group => string.Join(" = ", group)))}"];
    }

    /// <summary>The sentence that pictures of one set are in another too; none where no picture is.</summary>
    /// <param name="contents">Of the one set.</param>
    /// <param name="others">Of the other.</param>
    /// <param name="other">What the other is called.</param>
    public static string? Shared(IEnumerable<SampleContent> contents, IEnumerable<SampleContent> others, string other)
    {
        ILookup<string, string> known = others.ToLookup(content => content.Digest, content => content.Sample);
        string[] shared =
        [
            .. contents.Where(content => known.Contains(content.Digest)).Select(content => $"{content.Sample} = {known[content.Digest].First()}"),
        ];
        return shared.Length == 0 ? null : $"{shared.Length} images are in {other} too, pixel by pixel: {Listed(shared)}";
    }

    private static string Listed(IEnumerable<string> texts) => string.Join(", ", texts.Take(Shown)) + (texts.Count() > Shown ? ", .." : "");
}
