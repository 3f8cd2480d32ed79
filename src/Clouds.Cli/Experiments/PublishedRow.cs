using System.Globalization;
using System.Text.Json.Serialization;

namespace Clouds.Cli.Experiments;

/// <summary>Where a row's numbers come from, and whether `clouds reproduce` can make them.</summary>
internal enum RowSource
{
    /// <summary>Copied from other papers by the authors; for comparison only.</summary>
    Literature,

    /// <summary>`clouds reproduce run` trains and scores it.</summary>
    Run,

    /// <summary>`clouds reproduce run` scores a published model.</summary>
    Evaluate,

    /// <summary>`clouds reproduce run` scores label images of another program.</summary>
    Score,
}

/// <summary>One row of the paper, mIoU in percent as printed.</summary>
/// <param name="Row">Its name here, for instance "T1-23".</param>
/// <param name="Method">The method; a star marks a run of the paper's authors.</param>
/// <param name="Setting">What is varied, in tables and figures of one method; null: nothing.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Pretraining">What it was trained on before; null: not said.</param>
/// <param name="TrainedOn">What the segmenter was trained on; null: nothing of its own.</param>
/// <param name="Values">One a test set, null where none is printed; null where only averages are.</param>
/// <param name="Average">Null where none is printed.</param>
/// <param name="How">Where it comes from.</param>
/// <param name="Note">What else a reader should know.</param>
internal sealed record PublishedRow(
    string Row,
    string Method,
    string? Setting,
    string Encoder,
    string? Pretraining,
    string? TrainedOn,
    IReadOnlyList<double?>? Values,
    double? Average,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RowSource>))] RowSource How,
    string? Note)
{
    /// <summary>Whether `clouds reproduce run` takes it.</summary>
    [JsonIgnore]
    public bool IsRun => How != RowSource.Literature;

    /// <summary>Its numbers on one line, for instance "60.2 / 57.4 / 67.0, average 61.5".</summary>
    [JsonIgnore]
    public string Numbers => string.Join(", average ",
        ((string[])[string.Join(" / ", (Values ?? []).Select(Text)), Average is null ? "" : Text(Average)]).Where(part => part.Length > 0))
        .Insert(0, Values is null ? "average " : "");

    /// <summary>A number as the paper prints it; a dash where there is none.</summary>
    public static string Text(double? value) => value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-";
}

/// <summary>A table or a figure of the paper.</summary>
/// <param name="Name">For instance "Table 1".</param>
/// <param name="Title">What it shows.</param>
/// <param name="Classes">Classes that the mean is of.</param>
/// <param name="Sets">Test sets, names of <see cref="PaperSet"/>, in the order of the values.</param>
/// <param name="Rows">Rows in the paper's order.</param>
internal sealed record PublishedTable(string Name, string Title, int Classes, IReadOnlyList<string> Sets, IReadOnlyList<PublishedRow> Rows);
