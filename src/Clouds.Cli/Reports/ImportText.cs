using System.Globalization;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Catalogue;

namespace Clouds.Cli.Reports;

/// <summary>The report on an imported file, for people and as JSON.</summary>
internal static class ImportText
{
    private const int Shown = 16;

    /// <summary>The report as one JSON object.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="output">The file that was written; null: none.</param>
    /// <param name="segmenter">What a whole segmenter says of itself; null: it is none.</param>
    public static object Document(ImportReport report, string? output, ModelDescription? segmenter) => new
    {
        file = report.Path,
        report.Format,
        report.Files,
        model = report.Entry?.Name,
        title = report.Entry?.Title,
        home = report.Entry?.Home,
        report.Names,
        report.Below,
        report.Configuration,
        report.Licence,
        published = report.IsPublished,
        tensors = report.Tensors,
        types = report.Types,
        report.Matched,
        missing = report.Count(TensorFaultKind.Missing),
        misShaped = report.Count(TensorFaultKind.MisShaped),
        misTyped = report.Count(TensorFaultKind.MisTyped),
        unexpected = report.Count(TensorFaultKind.Unexpected),
        notFinite = report.Count(TensorFaultKind.NotFinite),
        report.Left,
        report.Outside,
        report.Taken,
        faults = report.Faults,
        usable = report.IsUsable,
        segmenter = segmenter is null ? null : new
        {
            classifier = Classifier(segmenter),
            classes = segmenter.ClassNames,
            names = segmenter.ClassSynonyms.Sum(names => names.Count),
            unseen = segmenter.UnseenClasses,
            queries = segmenter.Network.TransformerDecoder.Queries,
            segmenter.Network.GeometricEnsemble,
            segmenter.ShortSide,
        },
        output,
    };

    /// <summary>The report as tables.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="output">The file that was written; null: none.</param>
    /// <param name="segmenter">What a whole segmenter says of itself; null: it is none.</param>
    /// <param name="context">Where to.</param>
    public static void Write(ImportReport report, string? output, ModelDescription? segmenter, VerbContext context)
    {
        TextTable.Write(context.Console, ["file", report.Path], [.. Rows(report, output, segmenter)]);
        foreach (TensorFaultKind kind in Enum.GetValues<TensorFaultKind>())
        {
            TensorFault[] faults = [.. report.Faults.Where(fault => fault.Kind == kind)];
            if (faults.Length > 0)
            {
                context.Out.WriteLine();
                TextTable.Write(context.Console, [Word(kind), "in the file", "published", "near"], faults.Take(Shown)
                    .Select(fault => new[] { fault.Name, fault.Found ?? "-", fault.Expected ?? "-", fault.Nearest ?? "-" }));
                context.Out.Write(faults.Length > Shown ? $"and {faults.Length - Shown} more{Environment.NewLine}" : "");
            }
        }
    }

    /// <summary>A kind of fault in a word.</summary>
    public static string Word(TensorFaultKind kind) => kind switch
    {
        TensorFaultKind.Missing => "missing",
        TensorFaultKind.MisShaped => "mis-shaped",
        TensorFaultKind.MisTyped => "mis-typed",
        TensorFaultKind.Unexpected => "unexpected",
        TensorFaultKind.NotFinite => "not finite",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Whether a file is one that was published.</summary>
    public static string Published(ImportReport report) => report.IsPublished switch
    {
        true => "as published, byte by byte",
        false => "none of the published files byte by byte, which need not mean anything: other containers hold the same tensors",
        null => "nobody has published a digest to compare with",
    };

    private static IEnumerable<string[]> Rows(ImportReport report, string? output, ModelDescription? segmenter)
    {
        string names = report.Names is null ? "unknown" : report.Below.Length > 0 ? $"{report.Names}, below '{report.Below}'" : report.Names;
        string counts = string.Join(", ", Enum.GetValues<TensorFaultKind>().Select(kind => $"{report.Count(kind)} {Word(kind)}"));
        return
        [
            ["model", report.Entry is CatalogueEntry entry ? $"{entry.Name}: {entry.Title}" : "none of the catalogue"],
            .. report.Entry is null ? [] : new[] { ["home", $"{report.Entry.Home}"], new[] { "remark", report.Entry.Remark ?? "-" } },
            ["configuration", Configuration(report)],
            ["licence", report.Licence ?? (report.Entry is null ? "not said" : "unknown: ask its home page")],
            ["format", report.Format],
            .. report.Files.Select(file => new[] { "sha256", $"{file.Sha256}  {file.Name}, {Grouped(file.Bytes)} bytes" }),
            ["digest", Published(report)],
            ["names", names],
            ["types", string.Join(", ", report.Types.Select(type => $"{Grouped(type.Value)} {type.Key}"))],
            ["tensors", report.Entry is null ? $"{report.Tensors}" : $"{report.Matched} matched, {counts}"],
            ["left behind", $"{report.Left} by the manifest, {report.Outside} beside the names"],
            .. segmenter is null ? [] : new[] { new[] { "segmenter", Segmenter(segmenter) } },
            ["written", output is null ? "nothing" : segmenter is null ? $"{output}: {Grouped(report.Taken)} tensors" : output],
        ];
    }

    private static string Classifier(ModelDescription segmenter) => segmenter.Network.Classifier == ClassifierKind.Text ? "text" : "linear";

    private static string Segmenter(ModelDescription segmenter)
    {
        int names = segmenter.ClassSynonyms.Sum(synonyms => synonyms.Count);
        string ensemble = segmenter.Network.GeometricEnsemble ? ", geometric ensemble" : "";
        string classes = names > 0 ? $"{segmenter.ClassNames.Count} classes of {names} names{ensemble}" : $"{segmenter.ClassNames.Count} classes";
        return $"{segmenter.Network.TransformerDecoder.Queries} queries, {Classifier(segmenter)} classifier, {classes}";
    }

    private static string Configuration(ImportReport report) => report.Configuration.Count == 0
        ? "unknown"
        : string.Join(", ", report.Configuration.Select(pair => $"{pair.Key} = {pair.Value}"));

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
