using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Foundation;

namespace Clouds.Cli.Commands;

/// <summary>A verb that measures a foundation model on data that it has not learned from: `clouds evaluate clip|sam|vae|diffusion|llm`.</summary>
/// <typeparam name="TOptions">Its options.</typeparam>
internal abstract class ModelEvaluateVerb<TOptions> : Verb<TOptions>
    where TOptions : ModelEvaluateOptions, new()
{
    /// <summary>What the descriptions of all of them end with.</summary>
    protected const string Common =
        "\n\nThe same model, data, --count and --seed give the same numbers, on any number of threads. Samples that cannot be read are left out and told "
        + "(data.onUnreadable=fail ends the verb instead). With --out DIR the numbers are in DIR/evaluation.json, and pictures in sheet.png and sheet.html; "
        + "files of these names are replaced. --json prints what is in evaluation.json.";

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.BadInput] = "a sample could not be read, and the others were looked at; or nothing could be measured",
    };

    public override bool IsForOneProcess => true;

    /// <summary>Opens model and data and measures.</summary>
    protected abstract MeasuredModel Measure(TOptions options, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress);

    protected sealed override int Run(TOptions options, VerbContext context)
    {
        options.Require(Name);
        CloudsSettings settings = options.LoadSettings().Value;
        if (options.Out is string folder)
        {
            OutputFolder.Create(folder);
        }

        MeasuredModel measured = context.Progress.Track(progress => Measure(options, settings, context, progress));
        if (options.Out is string results)
        {
            EvaluationFiles.Write(results, measured);
        }

        ModelEvaluation evaluation = measured.Evaluation;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(EvaluationFiles.Document(evaluation)));
        }
        else
        {
            TextTable.Write(context.Console, ["measure", "value"], evaluation.Measures.Select(measure => (string[])[measure.Text, measure.Shown]));
        }

        ProblemGroup.Of(evaluation.LeftOut).ToList().ForEach(group =>
            context.Progress.Warn($"{evaluation.Data}: {group.LeftOut(evaluation.Count + evaluation.LeftOut.Count)}\n{group.Details}"));
        return evaluation.LeftOut.Count == 0 ? ExitCodes.Success : (int)Failure.BadInput;
    }
}
