using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;

namespace Clouds.Cli.Commands;

/// <summary>Finds the weights of Segment Anything: a file, a folder, or what has been fetched under a name of the catalogue.</summary>
internal static class SamFile
{
    private const string IsSam = "segmentAnything";

    // What `clouds train sam` writes.
    private const string Trained = "model.safetensors";

    private static readonly string[] Endings = [".safetensors", ".pt", ".pth"];

    /// <summary>
    /// The file itself, the model of a run's folder, the file of a folder that a variant was published as, or a model of this machine by its name; a name of
    /// weights that the program carries stays one.
    /// </summary>
    /// <param name="path">A file, a folder, or a name of the catalogue or of <see cref="CarriedWeights"/>.</param>
    /// <param name="variant">Which one of a folder.</param>
    /// <param name="models">Where models are looked for by name; null: where the user's are.</param>
    /// <exception cref="CloudsException">BadInput: there is no such file; Usage: the folder has several for the variant.</exception>
    public static string Find(string path, SamVariant variant, LocalModels? models = null)
    {
        if (CarriedWeights.IsName(path))
        {
            return path;
        }

        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? path : Named(path, models ?? LocalModels.OfUser);
        }

        if (File.Exists(Path.Combine(path, Trained)))
        {
            return Path.Combine(path, Trained);
        }

        string start = Published(variant);
        string[] found = [.. Directory.EnumerateFiles(path).Where(file => Path.GetFileName(file).StartsWith(start, StringComparison.OrdinalIgnoreCase)
            && Endings.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new CloudsException(Failure.BadInput, "the folder has no weights of this variant of Segment Anything", path,
                $"no file {start}*", string.Join(", ", Endings.Select(ending => start + "*" + ending)), "name the file, or set sam.variant"),
            _ => throw new CloudsException(Failure.Usage, "the folder has several files for this variant of Segment Anything", path,
                string.Join(", ", found.Select(Path.GetFileName)), "one", "name the file"),
        };
    }

    private static string Named(string name, LocalModels models)
    {
        CatalogueEntry[] known = [.. ModelCatalogue.BuiltIn.Entries.Where(entry => entry.Configuration.ContainsKey(IsSam))];
        CatalogueEntry meant = known.FirstOrDefault(entry => entry.Name == name) ?? throw new CloudsException(
            Failure.BadInput, "there is no such file of Segment Anything's weights", name, null,
            $"a file, a folder, or one of {string.Join(", ", known.Select(one => one.Name))}", "correct the path");
        return models.Find(meant).FirstOrDefault() ?? throw new CloudsException(Failure.BadInput, "this model is not on this machine", name, null,
            string.Join(", ", meant.Files.Select(file => file.Name)), $"clouds model get {name}");
    }

    private static string Published(SamVariant variant) => variant switch
    {
        SamVariant.VitT => "mobile_sam",
        SamVariant.VitB => "sam_vit_b",
        SamVariant.VitL => "sam_vit_l",
        SamVariant.VitH => "sam_vit_h",
        _ => throw new ArgumentOutOfRangeException(nameof(variant), variant, "unknown variant"),
    };
}
