using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Downloads;

namespace Clouds.Cli.Commands;

/// <summary>Which files `clouds model get` fetches, from where, and where they go.</summary>
internal static class DownloadPlan
{
    private const long Unit = 1_000_000_000;

    /// <summary>The files.</summary>
    /// <exception cref="CloudsException">Usage: no such model, file or address, or one that only a browser gets.</exception>
    public static IReadOnlyList<DownloadRequest> Of(ModelGetVerb.Options options) => options.Source.Contains("://", StringComparison.Ordinal)
        ? [OfAddress(options)]
        : OfModel(options, options.Catalogue[options.Source]);

    private static DownloadRequest OfAddress(ModelGetVerb.Options options)
    {
        Uri address = Address(options.Source);
        PublishedFile? known = options.Catalogue.Entries.SelectMany(entry => entry.Files).FirstOrDefault(file => file.Url == address);
        string name = known?.Name ?? Path.GetFileName(address.LocalPath);
        return name.Length > 0 && name is not ("." or "..")
            ? Request(options, Mirrored(options, name) ?? address, Destination(options, name, Path.Combine(LocalModels.Home, name)), known)
            : throw new CloudsException(
                Failure.Usage, "the address does not end in the name of a file", options.Source, next: "give the address of the file itself");
    }

    private static DownloadRequest[] OfModel(ModelGetVerb.Options options, CatalogueEntry entry)
    {
        PublishedFile first = options.File is null ? entry.Files[0] : Named(entry, options.File);
        PublishedFile[] files = first.Part is null ? [first] : [.. entry.Files.Where(file => file.Part == first.Part)];
        return [.. files.Select(file => Request(options, From(options, entry, file), Destination(options, file.Name!, LocalModels.PathOf(entry, file)), file))];
    }

    private static DownloadRequest Request(ModelGetVerb.Options options, Uri source, string path, PublishedFile? known) => new(source, path)
    {
        Sha256 = options.Sha256?.ToLowerInvariant() ?? known?.Sha256,
        Bytes = known?.Bytes,
        MostBytes = options.Most * Unit,
        Overwrite = options.Overwrite,
    };

    private static PublishedFile Named(CatalogueEntry entry, string name) =>
        entry.Files.FirstOrDefault(file => file.Name == name)
        ?? throw new CloudsException(Failure.Usage, "the model has no such file", entry.Name, name,
            string.Join(", ", entry.Files.Select(file => file.Name).OfType<string>()), "choose one of them");

    private static Uri From(ModelGetVerb.Options options, CatalogueEntry entry, PublishedFile file) =>
        (file.Name is null ? null : Mirrored(options, file.Name)) ?? (file.Name is null ? null : file.Url)
        ?? throw new CloudsException(Failure.Usage, "the model is only to be had with a browser", entry.Name, "no address for programs",
            null, $"fetch it from {file.Page}, accept its licence there ({entry.Licence ?? "unknown here"}), and give the file to `clouds model import`");

    // A folder has the files by their names; a server has them behind its address.
    private static Uri? Mirrored(ModelGetVerb.Options options, string name)
    {
        if (options.Mirror is not string mirror)
        {
            return null;
        }

        if (mirror.Contains("://", StringComparison.Ordinal))
        {
            return Address($"{mirror.TrimEnd('/')}/{Uri.EscapeDataString(name)}");
        }

        return Directory.Exists(mirror)
            ? new Uri(Path.GetFullPath(Path.Combine(mirror, name)))
            : throw new CloudsException(Failure.Usage, "there is no such mirror", mirror, "no folder", "a folder, or an address", "check the path");
    }

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
        ? address
        : throw new CloudsException(Failure.Usage, "the address cannot be read", text, next: "write it as https://host/path/file");

    private static string Destination(ModelGetVerb.Options options, string name, string usual) => options.Out is not string given ? usual
        : given.EndsWith('/') || Directory.Exists(given) ? Path.Combine(given, name) : given;
}
