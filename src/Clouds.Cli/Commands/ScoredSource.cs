using Clouds.Cli.Settings;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Commands;

/// <summary>What is scored: a model, or a folder of label images that another program made.</summary>
/// <param name="Path">The model's file, or the folder.</param>
/// <param name="IsModel">Which of the two.</param>
internal sealed record ScoredSource(string Path, bool IsModel)
{
    /// <summary>What an argument means: a model or a run with one, or else a folder.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: neither.</exception>
    public static ScoredSource Of(string given) => !ModelPath.IsModel(given) && Directory.Exists(given)
        ? new ScoredSource(given, IsModel: false)
        : new ScoredSource(ModelPath.Resolve(given, []), IsModel: true);

    /// <summary>Refuses a folder that lacks predictions, before anything is scored.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As for <see cref="PredictionFolder"/>.</exception>
    public void RequireComplete(IReadOnlyList<IDataset> sets, EvaluationConfig config)
    {
        foreach (IDataset data in IsModel ? [] : sets)
        {
            _ = new PredictionFolder(Path, data, config.Predictions);
        }
    }

    /// <summary>Opens it, and closes it when the work is done.</summary>
    /// <param name="sets">What it will be scored on.</param>
    /// <param name="options">Sizes, for a model.</param>
    /// <param name="settings">Device, threads, how answers are scored.</param>
    /// <param name="context">Told of a device that is not used.</param>
    /// <param name="work">Gets its answers for a data set.</param>
    public T Open<T>(
        IReadOnlyList<IDataset> sets, ScoringOptions options, CloudsSettings settings, VerbContext context, Func<Func<IDataset, IAnswers>, T> work)
    {
        EvaluationConfig config = settings.Evaluation;
        if (!IsModel)
        {
            return work(data => new PredictionAnswers(new PredictionFolder(Path, data, config.Predictions), config));
        }

        int sessions = EvaluationSessions.For(Path, sets, options.ShortSide, options.LongSide, settings.Execution.Threads);
        using Segmenter segmenter = ModelOptions.Load(Path, settings, options.ShortSide, options.LongSide, context, sessions, config.Views());
        return work(data => new SegmenterAnswers(segmenter, data, config));
    }
}
