using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// The configuration of one part of a checkpoint. What it may not be otherwise is held against what it says: a key that changes the network is never
/// passed over. A key that is absent, or null, has the default of the program that wrote it.
/// </summary>
/// <param name="json">The file's object.</param>
/// <param name="file">The file, for messages.</param>
internal sealed class PartSettings(StrictJson json, string file)
{
    private const int MostBytes = 1 << 20;

    /// <summary>The file.</summary>
    public string File => file;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CloudsException">Weights: it is missing, damaged or hostile.</exception>
    public static PartSettings Read(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            throw new CloudsException(Failure.Weights, "a file of the checkpoint is missing", file, next: "fetch the whole checkpoint again");
        }

        JsonOrigin origin = new("a configuration of the checkpoint", file, Failure.Weights, "fetch the checkpoint again");
        PartSettings settings = new(StrictJson.Parse(WholeFile.Read(file, MostBytes), origin), file);
        _ = settings.Has("");
        return settings;
    }

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="absent">Its value where it is absent; null: it has to be there.</param>
    /// <param name="most">The largest that is believed.</param>
    public int Number(string key, int? absent = null, int most = 1 << 20) =>
        Find(key)?.Number(1, most) ?? absent ?? json.Get(key).Number(1, most);

    /// <summary>A list of whole numbers, or one for all.</summary>
    public int[] Numbers(string key, int count, int absent)
    {
        StrictJson? value = Find(key);
        if (value is null or { Kind: JsonValueKind.Number })
        {
            return [.. Enumerable.Repeat(value?.Number(1, 1 << 20) ?? absent, count)];
        }

        int[] all = Widths(key);
        return all.Length == count ? all : throw value.Wrong($"{count} whole numbers, one a resolution");
    }

    /// <summary>A list of whole numbers.</summary>
    public int[] Widths(string key) => [.. json.Get(key).Items().Select(item => item.Number(1, 1 << 16))];

    /// <summary>A list of words.</summary>
    public string[] Words(string key) => [.. json.Get(key).Items().Select(item => item.Text())];

    /// <summary>A number with a fraction.</summary>
    public double Real(string key, double absent) => Find(key)?.Real() ?? absent;

    /// <summary>Whether a key is true.</summary>
    public bool IsTrue(string key, bool absent = false) => Find(key) switch
    {
        null => absent,
        { Kind: JsonValueKind.True or JsonValueKind.False } truth => truth.Kind == JsonValueKind.True,
        StrictJson other => throw other.Wrong("true or false"),
    };

    /// <summary>A word.</summary>
    public string Word(string key, string absent) => Find(key)?.Text() ?? absent;

    /// <summary>A token: a word, or an object with its "content".</summary>
    public string Token(string key) => Find(key) is { Kind: JsonValueKind.Object } whole ? whole.Get("content").Text() : json.Get(key).Text();

    /// <summary>Refuses the checkpoint where a key has another value than the networks that are built here have.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">Its only value, as JSON spells it.</param>
    /// <param name="absent">What it means where it is absent; null: the expected value.</param>
    /// <param name="otherwise">What a checkpoint with another value is, if that is known.</param>
    public void Require(string key, string expected, string? absent = null, string? otherwise = null)
    {
        if (Deviation(key, expected, absent) is string found)
        {
            throw Other($"{found}{(otherwise is null ? "" : $": {otherwise}")}", $"{key} = {expected}");
        }
    }

    /// <summary>A key with its value, "KEY = VALUE", where that is not the expected one; null where it is.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">As for <see cref="Require"/>.</param>
    /// <param name="absent">As for <see cref="Require"/>.</param>
    public string? Deviation(string key, string expected, string? absent = null)
    {
        string found = Find(key)?.Element.GetRawText() ?? absent ?? expected;
        bool same = found.Trim('"') == expected || (double.TryParse(found, out double a) && double.TryParse(expected, out double b) && a == b);
        return same ? null : $"{key} = {found}";
    }

    /// <summary>Refuses the checkpoint where a key is there that its networks have not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="what">What a checkpoint with it is.</param>
    public void RequireAbsent(string key, string what)
    {
        if (Find(key) is { Kind: not JsonValueKind.False } value)
        {
            throw Other($"{key} = {value.Element.GetRawText()}: {what}", $"no {key}");
        }
    }

    /// <summary>The refusal of a checkpoint that is something else.</summary>
    public CloudsException Other(string found, string expected) => NotStableDiffusion.Of(file, found, expected);

    private StrictJson? Find(string key) => json.Find(key) is { Kind: not JsonValueKind.Null } value ? value : null;
}
