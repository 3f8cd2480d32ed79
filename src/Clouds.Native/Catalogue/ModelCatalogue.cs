using System.Reflection;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Catalogue;

/// <summary>The published models that are known: the manifests of models/catalogue, which are part of this library, and those of a folder.</summary>
public sealed class ModelCatalogue
{
    private const string Prefix = "catalogue/";

    private static readonly Lazy<ModelCatalogue> Own = new(() => new ModelCatalogue([.. Embedded()]));

    private ModelCatalogue(IReadOnlyList<CatalogueEntry> entries) => Entries = entries;

    /// <summary>What this library knows.</summary>
    public static ModelCatalogue BuiltIn => Own.Value;

    /// <summary>Every model, by name.</summary>
    public IReadOnlyList<CatalogueEntry> Entries { get; }

    /// <summary>This catalogue and the manifests of a folder, which go before those of the same name.</summary>
    /// <param name="folder">Its files "*.json" are manifests.</param>
    /// <exception cref="CloudsException">BadInput: no such folder, or a manifest is damaged or hostile.</exception>
    public ModelCatalogue With(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CloudsException(
                Failure.BadInput, "there is no such folder of manifests", folder, expected: "a folder with *.json", next: "check the path");
        }

        CatalogueEntry[] added = [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => ManifestReader.Read(WholeFile.Read(file, ManifestReader.MostBytes), file))];
        string? twice = added.GroupBy(entry => entry.Name).FirstOrDefault(same => same.Count() > 1)?.Key;
        return twice is null
            ? new ModelCatalogue([.. added.Concat(Entries).DistinctBy(entry => entry.Name).OrderBy(entry => entry.Name, StringComparer.Ordinal)])
            : throw new CloudsException(Failure.BadInput, "two manifests have one name", folder, $"'{twice}' twice", "different names", "rename one of them");
    }

    /// <summary>One model.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="CloudsException">Usage: there is none of this name; names the nearest.</exception>
    public CatalogueEntry this[string name] =>
        Entries.FirstOrDefault(entry => entry.Name == name)
        ?? throw new CloudsException(Failure.Usage, "no published model of this name is known", null, $"'{name}'",
            NearestName.Find(name, Entries.Select(entry => entry.Name)) is string near ? $"'{near}'" : string.Join(", ", Entries.Select(entry => entry.Name)),
            "choose one of the catalogue");

    private static IEnumerable<CatalogueEntry> Embedded()
    {
        Assembly home = typeof(ModelCatalogue).Assembly;
        foreach (string name in home.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = home.GetManifestResourceStream(name)!;
            byte[] text = new byte[stream.Length];
            stream.ReadExactly(text);
            yield return ManifestReader.Read(text, $"models/{name}.json");
        }
    }
}
