using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>
/// Reads a manifest and believes nothing: names are names of files and no paths, addresses are https, a list is as its digest says.
/// </summary>
internal static partial class ManifestReader
{
    /// <summary>Longest manifest in bytes.</summary>
    public const int MostBytes = 1 << 20;

    private static readonly string[] Keys =
    [
        "name", "title", "home", "licence", "licenceSource", "remark", "names", "configuration", "files", "optional", "ignored", "digest", "tensors",
    ];

    /// <summary>Reads one.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="file">Named in complaints.</param>
    /// <exception cref="CloudsException">BadInput, with file, line and key.</exception>
    public static CatalogueEntry Read(ReadOnlyMemory<byte> text, string file)
    {
        StrictJson manifest = StrictJson.Parse(text, new JsonOrigin("the manifest", file, Failure.BadInput)).WithKeys(Keys);
        TensorList list = TensorList.Read(manifest.Get("tensors"), Globs(manifest.Find("optional")), Globs(manifest.Find("ignored")));
        StrictJson digest = manifest.Get("digest");
        _ = digest.Text() == list.Digest ? true : throw digest.Wrong($"{list.Digest}, the digest of its list of tensors");
        return new CatalogueEntry(manifest.Get("names").OneOf([.. NameMap.Dialects]), list)
        {
            Name = Matching(manifest.Get("name"), EntryName(), "letters, digits and underscores"),
            Title = manifest.Get("title").Text(),
            Home = Https(manifest.Get("home")),
            Licence = manifest.Find("licence")?.Text(),
            LicenceSource = manifest.Find("licenceSource") is StrictJson source ? Https(source) : null,
            Remark = manifest.Find("remark")?.Text(),
            Configuration = manifest.Get("configuration").Members().ToDictionary(member => member.Name!, member => member.Text()),
            Files = [.. manifest.Get("files").Items().Select(ReadFile)],
        };
    }

    private static PublishedFile ReadFile(StrictJson file)
    {
        file.WithKeys("name", "url", "page", "sha256", "bytes", "source", "remark", "part");
        _ = file.Find("url") is not null || file.Find("page") is not null ? true : throw file.Wrong("a file with its \"url\" or its \"page\"");
        return new PublishedFile
        {
            Name = file.Find("url") is null ? file.Find("name") is StrictJson name ? FileName(name) : null : FileName(file.Get("name")),
            Url = file.Find("url") is StrictJson url ? Https(url) : null,
            Page = file.Find("page") is StrictJson page ? Https(page) : null,
            Sha256 = file.Find("sha256") is StrictJson digest ? Matching(digest, Digits(), "8 to 64 hexadecimal digits in lower case") : null,
            Bytes = file.Find("bytes")?.Whole(1),
            Source = file.Find("source")?.Text(),
            Remark = file.Find("remark")?.Text(),
            Part = file.Find("part")?.Text(),
        };
    }

    // No folder, no way up, nothing hidden: files are saved under this name.
    private static string FileName(StrictJson name) => Matching(name, PlainName(), "the name of a file, without folders");

    private static string Matching(StrictJson value, Regex form, string expected) =>
        form.IsMatch(value.Text()) ? value.Text() : throw value.Wrong(expected);

    private static Uri Https(StrictJson value) =>
        Uri.TryCreate(value.Text(), UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps && address.UserInfo.Length == 0
            ? address
            : throw value.Wrong("an https address");

    private static string[] Globs(StrictJson? names) => names is null ? [] : [.. names.Items().Select(name => name.Text())];

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_.]{0,63}\z")]
    private static partial Regex EntryName();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,127}\z")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"\A[0-9a-f]{8,64}\z")]
    private static partial Regex Digits();
}
