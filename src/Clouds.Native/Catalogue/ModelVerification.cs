using Clouds.Diagnostics;

namespace Clouds.Native.Catalogue;

/// <summary>Whether a file of weights is what it should be, asked in every way that is possible without running it.</summary>
public sealed class ModelVerification
{
    private ModelVerification(string path, IReadOnlyList<ModelCheck> checks) => (Path, Checks) = (path, checks);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What was asked, and the answers.</summary>
    public IReadOnlyList<ModelCheck> Checks { get; }

    /// <summary>Whether nothing failed.</summary>
    public bool Passed => Checks.All(check => check.Passed != false);

    /// <summary>Verifies a file.</summary>
    /// <param name="path">A file, an index of shards, or a folder.</param>
    /// <param name="catalogue">Models that it may be.</param>
    /// <param name="entry">The one that it has to be; null: any, or none.</param>
    /// <param name="sha256">Its digest, or the first digits of it; null: what the catalogue has under the file's name.</param>
    /// <param name="progress">Told the bytes read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CloudsException">Usage: there is no such model. Whatever is wrong with the file is an answer.</exception>
    public static ModelVerification Of(string path, ModelCatalogue catalogue, string? entry = null, string? sha256 = null,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        _ = entry is null ? null : catalogue[entry];
        try
        {
            using ModelImport import = ModelImport.Open(path, catalogue, entry, progress, cancellation);
            ImportReport report = import.Report;
            return new ModelVerification(path, [Structure(report), Digest(report, catalogue, sha256), Finite(report), Model(report)]);
        }
        catch (CloudsException e)
        {
            string reason = string.Join("; ", e.Message.Split(Environment.NewLine).Select(line => line.Trim()));
            return new ModelVerification(path, [new ModelCheck(e.Failure == Failure.Usage ? ModelCheck.Model : ModelCheck.Structure, false, reason)]);
        }
    }

    private static ModelCheck Structure(ImportReport report) => new(ModelCheck.Structure, true,
        $"{report.Format}: {report.Tensors} tensors, each within the file and as long as its shape says");

    private static ModelCheck Digest(ImportReport report, ModelCatalogue catalogue, string? sha256)
    {
        ImportedFile first = report.Files[0];
        string all = string.Join(", ", report.Files.Select(file => file.Sha256));
        string? expected = sha256?.ToLowerInvariant()
            ?? catalogue.Entries.SelectMany(entry => entry.Files).FirstOrDefault(file => file.Name == first.Name && file.Sha256 is not null)?.Sha256;
        bool known = expected is not null || report.IsPublished == true;
        return expected is not null && !all.StartsWith(expected, StringComparison.Ordinal)
            ? new ModelCheck(ModelCheck.Digest, false, $"SHA-256 {all}, where {expected} was expected")
            : known ? new ModelCheck(ModelCheck.Digest, true, $"SHA-256 {all}, as {(sha256 is null ? "published" : "expected")}")
            : new ModelCheck(ModelCheck.Digest, null, $"SHA-256 {all}; nothing to compare it with");
    }

    private static ModelCheck Finite(ImportReport report)
    {
        TensorFault[] faults = [.. report.Faults.Where(fault => fault.Kind == TensorFaultKind.NotFinite)];
        return faults.Length == 0 ? new ModelCheck(ModelCheck.Finite, true, $"every element of {(report.Taken > 0 ? report.Taken : report.Tensors)} tensors")
            : new ModelCheck(ModelCheck.Finite, false, $"{faults.Length} tensors are not; {faults[0].Name}: {faults[0].Found}");
    }

    private static ModelCheck Model(ImportReport report)
    {
        TensorFault[] faults = [.. report.Faults.Where(fault => fault.Kind != TensorFaultKind.NotFinite && !report.IsHarmless(fault))];
        string told = string.Join(", ", report.Configuration.Select(pair => $"{pair.Key} = {pair.Value}"));
        return report.Entry is null && faults.Length > 0
            ? new ModelCheck(ModelCheck.Model, false, $"{told}, but {faults.Length} tensors do not fit, {faults[0].Name} first")
            : report.Entry is null ? new ModelCheck(ModelCheck.Model, null, told.Length > 0 ? $"none of the catalogue; {told}" : "none of the catalogue")
            : faults.Length == 0 ? new ModelCheck(ModelCheck.Model, true, $"{report.Entry.Name}: {report.Matched} of {report.Entry.Tensors} tensors")
            : new ModelCheck(ModelCheck.Model, false, $"{report.Entry.Name}, but {faults.Length} tensors are missing or different, {faults[0].Name} first");
    }
}

/// <summary>One question about a file.</summary>
/// <param name="Name">What was asked: structure, digest, finite, model.</param>
/// <param name="Passed">The answer; null where nobody can tell.</param>
/// <param name="Detail">In a sentence.</param>
public sealed record ModelCheck(string Name, bool? Passed, string Detail)
{
    internal const string Structure = "structure";
    internal const string Digest = "digest";
    internal const string Finite = "finite";
    internal const string Model = "model";
}
