using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Downloads;

namespace Clouds.Native.Catalogue;

/// <summary>
/// Makes a model of ours from a file of weights that another program wrote: finds out from its tensors which published model it is, holds it against that
/// model's list, and writes it under our names. What it writes is what encoder weights, starts of trainings and, where the file is a whole segmenter, the
/// <see cref="Segmentation.Segmenter"/> take.
/// </summary>
public sealed class ModelImport : IDisposable
{
    private readonly WeightSource _source;
    private readonly IReadOnlyList<(string Name, TensorEntry Tensor)> _taken;

    private ModelImport(WeightSource source, ImportReport report, IReadOnlyList<(string Name, TensorEntry Tensor)> taken) =>
        (_source, Report, _taken) = (source, report, taken);

    /// <summary>What the file is.</summary>
    public ImportReport Report { get; }

    /// <summary>What the model's file says of where it comes from: the report and the licence. Nothing in it depends on the machine.</summary>
    public IReadOnlyDictionary<string, string> Metadata => ImportMetadata.Of(Report);

    /// <summary>Opens a file and looks through all of it.</summary>
    /// <param name="path">A file in any container that is read, an index of shards, or a folder of either.</param>
    /// <param name="catalogue">Models that it may be; null: those that are built in.</param>
    /// <param name="entry">The one that it is; null: its tensors tell.</param>
    /// <param name="progress">Told the bytes read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CloudsException">
    /// Weights: the file is damaged, hostile or no file of weights; Usage: it may be one of several models, or there is no such model.
    /// </exception>
    public static ModelImport Open(
        string path, ModelCatalogue? catalogue = null, string? entry = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        ModelCatalogue known = catalogue ?? ModelCatalogue.BuiltIn;
        IReadOnlyList<CatalogueEntry> entries = entry is null ? known.Entries : [known[entry]];
        WeightSource source = WeightSource.Open(path);
        try
        {
            ImportedFile[] files = [.. source.Files.Where(file => file.OnDisk)
                .Select(file => new ImportedFile(file.Name, file.Bytes, FileDigest.Of(file.Path, progress, cancellation)))];
            Comparison? found = Recognition.Find(source, entries, files.Length == 1 ? files[0].Sha256 : null);
            return found?.Lacking == 0 || (found is not null && entry is not null) ? Known(source, files, found)
                : entry is not null ? throw Other(source, entry)
                : Told(source, files, found) ?? (found is null ? Unknown(source, files) : Known(source, files, found));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Writes the model: a safetensors file that appears whole or not at all, with the report in its metadata.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="progress">Told the bytes written, of all.</param>
    /// <param name="cancellation">Ends it; nothing is left behind.</param>
    /// <exception cref="CloudsException">
    /// Weights: the file is not usable; Numeric: not finite; Output: the folder cannot be written, or its disk is too small.
    /// </exception>
    public void Write(string path, IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        RequireUsable();
        RequireOther(path);
        long total = _taken.Sum(pair => pair.Tensor.Bytes), done = 0;
        using SafetensorsWriter writer = new(
            path, [.. _taken.Select(pair => new TensorDeclaration(pair.Name, pair.Tensor.Type, pair.Tensor.Shape))], Metadata);
        foreach ((string name, TensorEntry tensor) in _taken)
        {
            cancellation.ThrowIfCancellationRequested();
            writer.Copy(name, tensor);
            progress?.Report(new ProgressReport("write", done += tensor.Bytes, total));
        }

        writer.Commit();
    }

    /// <summary>Refuses a file that cannot become a model of ours, saying why.</summary>
    /// <exception cref="CloudsException">Weights: nobody knows it, or it does not fit; Numeric: it is not finite.</exception>
    public void RequireUsable() => ImportFailure.RequireUsable(Report);

    /// <summary>Refuses a name that the imported file has itself.</summary>
    /// <param name="path">Where the model shall be written.</param>
    /// <exception cref="CloudsException">Usage.</exception>
    public void RequireOther(string path)
    {
        // Renaming over a mapped file is harmless, but the file that was imported would be gone.
        if (_source.Files.Any(file => file.OnDisk && Path.GetFullPath(file.Path) == Path.GetFullPath(path)))
        {
            throw new CloudsException(Failure.Usage, "the imported model would take the place of the file that it comes from", path,
                next: "name another file");
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private static ModelImport Known(WeightSource source, ImportedFile[] files, Comparison found)
    {
        (string Name, TensorEntry Tensor)[] taken = [.. found.Taken];
        return new ModelImport(source, new ImportReport
        {
            Path = source.Path,
            Format = source.Format,
            Files = files,
            Entry = found.Entry,
            Names = found.Entry.Names,
            Below = found.Below,
            Configuration = found.Entry.Configuration,
            IsModel = IsModelOfOurs(source),
            Licence = found.Entry.Licence ?? WeightCard.Of(source).Licence,
            Tensors = source.Tensors.Count,
            Types = Types(source),
            Matched = found.Matched,
            Taken = taken.Length,
            Left = found.Left,
            Outside = found.Outside,
            Faults = [.. found.Faults(), .. NotFinite(taken.Select(pair => pair.Tensor))],
        }, taken);
    }

    // Of no published size, but the tensors tell the network. One that does not fit is rather the published model that it resembles, with a fault.
    private static ModelImport? Told(WeightSource source, ImportedFile[] files, Comparison? near)
    {
        ToldNetwork? told = ToldNetwork.Find(source);
        return told is null || (told.Faults.Count > 0 && near is not null) ? null
            : Unlisted(source, files, told.Named, told.Configuration, told.Faults);
    }

    private static ModelImport Unknown(WeightSource source, ImportedFile[] files)
    {
        (string Dialect, string Below)? names = NameMap.Recognise(source.Tensors.Keys);
        NamedTensors? named = names is null ? null : new NamedTensors(source, NameMap.Of(names.Value.Dialect), names.Value.Below);
        return Unlisted(source, files, named, new Dictionary<string, string>(), []);
    }

    // Of no published model: everything is taken under our names, if somebody knows whose names they are.
    private static ModelImport Unlisted(WeightSource source, ImportedFile[] files, NamedTensors? named,
        IReadOnlyDictionary<string, string> configuration, IReadOnlyList<TensorFault> faults)
    {
        (string Name, TensorEntry Tensor)[] taken = [.. named?.ByName.Select(pair => (pair.Key, pair.Value)) ?? []];
        return new ModelImport(source, new ImportReport
        {
            Path = source.Path,
            Format = source.Format,
            Files = files,
            Names = named?.Map.Dialect,
            Below = named?.Below ?? "",
            Configuration = configuration,
            IsModel = IsModelOfOurs(source),
            Licence = WeightCard.Of(source).Licence,
            Tensors = source.Tensors.Count,
            Types = Types(source),
            Taken = taken.Length,
            Outside = named?.Outside ?? 0,
            Faults = [.. faults, .. NotFinite(named is null ? source.Tensors.Values : taken.Select(pair => pair.Tensor))],
        }, taken);
    }

    private static CloudsException Other(WeightSource source, string entry) => new(Failure.Weights, "the file does not hold the model that was named",
        source.Path, $"{source.Tensors.Count} tensors, fewer than half of its own", entry, "let the tensors tell what it is, or give another file");

    private static bool IsModelOfOurs(WeightSource source) => source.Metadata.ContainsKey(ModelDescription.MetadataKey);

    private static Dictionary<string, int> Types(WeightSource source) =>
        source.Tensors.Values.GroupBy(tensor => tensor.Type).OrderBy(type => type.Key).ToDictionary(type => type.Key.Spelling(), type => type.Count());

    private static IEnumerable<TensorFault> NotFinite(IEnumerable<TensorEntry> tensors) =>
        FiniteWeights.Find(tensors)
            .Select(found => new TensorFault(TensorFaultKind.NotFinite, found.Tensor.Name, found.What, "finite numbers", null));
}
