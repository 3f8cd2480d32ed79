using System.Security.Cryptography;
using System.Text;

namespace Clouds.Training.Drafts;

/// <summary>Samples to train on and to score on.</summary>
/// <param name="Train">Names, in order.</param>
/// <param name="Val">Names, in order.</param>
/// <param name="Why">How they were told apart.</param>
internal sealed record Split(IReadOnlyList<string> Train, IReadOnlyList<string> Val, string Why)
{
    /// <summary>The split that folders named train and val tell, or one by the names of the samples: those with the smallest digests are scored.</summary>
    public static Split Of(string folder, Pairing pairing, double share)
    {
        ILookup<string, string> parts = pairing.Pairs.ToLookup(pair => Part(Path.GetRelativePath(folder, pair.Image)), pair => pair.Name);
        if (parts.Contains("train") && parts.Contains("val"))
        {
            string rest = parts["test"].Any() ? $"; {parts["test"].Count()} below test are in neither" : "";
            return new([.. parts["train"]], [.. parts["val"]], $"split: by the folders, {parts["train"].Count()} and {parts["val"].Count()}{rest}");
        }

        string[] names = [.. pairing.Pairs.Select(pair => pair.Name)];
        int count = names.Length < 2 || share <= 0 ? 0 : Math.Clamp((int)Math.Round(share * names.Length), 1, names.Length - 1);
        HashSet<string> val = [.. names.OrderBy(Digest, StringComparer.Ordinal).Take(count)];
        return new([.. names.Where(name => !val.Contains(name))], [.. names.Where(val.Contains)], count == 0
            ? "split: none"
            : $"split: {names.Length - count} to train on, {count} to score on, drawn by the digests of their names; neighbours in a film look alike, "
                + "so move whole films to one side where there are several");
    }

    private static string Digest(string name) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static string Part(string image)
    {
        string? part = image.Split('/').LastOrDefault(FileSeries.IsSplit)?.ToLowerInvariant();
        return part switch { null => "", "val" or "valid" or "validation" => "val", "test" or "testing" => "test", _ => "train" };
    }
}
