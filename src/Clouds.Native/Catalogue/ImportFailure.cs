using Clouds.Diagnostics;

namespace Clouds.Native.Catalogue;

/// <summary>Says why a file cannot become a model of ours.</summary>
internal static class ImportFailure
{
    private const int Shown = 8;

    /// <summary>Refuses a file that cannot.</summary>
    /// <exception cref="CloudsException">Weights: nobody knows it, or it does not fit; Numeric: it is not finite.</exception>
    public static void RequireUsable(ImportReport report)
    {
        if (report.IsUsable)
        {
            return;
        }

        if (report.IsModel)
        {
            throw new CloudsException(Failure.Usage, "the file is a model of ours already", report.Path, next: "use it as it is");
        }

        if (report.Names is null)
        {
            throw new CloudsException(Failure.Weights, "nobody knows what the file holds", report.Path, $"{report.Tensors} tensors whose names are in no table",
                "a published model of the catalogue, or names of models/names", "say which model it is, or add a manifest and a table of names");
        }

        TensorFault[] wrong = [.. report.Faults.Where(fault => fault.Kind != TensorFaultKind.NotFinite && !report.IsHarmless(fault))];
        throw wrong.Length > 0 ? Unlike(report, wrong) : NotFinite(report);
    }

    private static CloudsException Unlike(ImportReport report, TensorFault[] wrong)
    {
        string rest = wrong.Length > Shown ? $" and {wrong.Length - Shown} more" : "";
        string counts = $"{report.Count(TensorFaultKind.Missing)} tensors missing, {report.Count(TensorFaultKind.MisShaped)} mis-shaped, "
            + $"{report.Count(TensorFaultKind.MisTyped)} mis-typed, {report.Count(TensorFaultKind.Unexpected)} unexpected";
        (string what, string expected) = report.Entry is null
            ? ("the tensors are not those of the network that they tell of", "all of them and no others")
            : ($"the file is not {report.Entry.Name} as it was published", $"its {report.Entry.Tensors} tensors");
        return new CloudsException(Failure.Weights, what, report.Path,
            $"{counts}: {string.Join(", ", wrong.Take(Shown).Select(fault => fault.Name))}{rest}", expected, "fetch the file again, or say which model it is");
    }

    private static CloudsException NotFinite(ImportReport report)
    {
        TensorFault[] faults = [.. report.Faults.Where(fault => fault.Kind == TensorFaultKind.NotFinite)];
        return faults.Length > 0
            ? new CloudsException(Failure.Numeric, "weights are not finite", $"{report.Path}, tensor '{faults[0].Name}'",
                $"{faults[0].Found}; {faults.Length} such tensors", "finite numbers", "fetch the file again, or take another")
            : new CloudsException(Failure.Weights, "the file holds no tensor that a model takes", report.Path, $"{report.Tensors} tensors", "weights", null);
    }
}
