using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>What the verbs that score do alike.</summary>
internal static class Scoring
{
    /// <summary>Refuses a command line without a data set, before anything is opened.</summary>
    /// <exception cref="CloudsException">Usage.</exception>
    public static void RequireData(ScoringOptions options, string verb)
    {
        if (!options.Data.Any())
        {
            throw new CloudsException(Failure.Usage, "there is no data set to score on", $"clouds {verb}",
                null, "--data SPEC, once or more", $"`clouds {verb} --help` shows examples");
        }
    }

    /// <summary>Opens the data sets.</summary>
    /// <exception cref="CloudsException">As <see cref="DatasetSource.Open"/>.</exception>
    public static IReadOnlyList<IDataset> OpenSets(ScoringOptions options, VerbContext context) =>
        [.. options.Data.Select(spec => DatasetSource.Open(spec, context.WarnOnce))];

    /// <summary>Scores on all of them; of several ranks each scores its share of the samples, and all know the whole.</summary>
    /// <param name="sets">The data sets.</param>
    /// <param name="answers">The answers for each.</param>
    /// <param name="settings">How is scored, and what becomes of samples that cannot be read.</param>
    /// <param name="context">Where progress goes.</param>
    public static IReadOnlyList<EvaluationResult> Score(
        IReadOnlyList<IDataset> sets, Func<IDataset, IAnswers> answers, CloudsSettings settings, VerbContext context) => context.Progress.Track(progress =>
            sets.Select(data => Score(data, answers(data), settings, context, progress)).ToArray());

    private static EvaluationResult Score(IDataset data, IAnswers answers, CloudsSettings settings, VerbContext context, IProgress<ProgressReport> progress)
    {
        RankSession ranks = context.Ranks;
        Share share = new(ranks.Group.Rank, ranks.Group.Count);
        EvaluationResult here = ranks.Share(
            $"share of {data.Name}", context.Cancellation, stop => Evaluator.Run(answers, data, settings.Evaluation, settings.Data, progress, stop, share));
        return SharedScoring.Whole(ranks, data, here);
    }

    /// <summary>Warns of what is not as it should be. The tables are out by now: nothing that was scored is lost to a sample or a set that was not.</summary>
    /// <param name="results">What was scored.</param>
    /// <param name="context">Where warnings go.</param>
    /// <param name="prefix">Before the name of a data set, where there are results of several.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="CloudsException">BadInput: nothing of a set could be scored.</exception>
    public static int Judge(IReadOnlyList<EvaluationResult> results, VerbContext context, string prefix = "")
    {
        foreach (EvaluationResult result in results)
        {
            foreach (ProblemGroup group in ProblemGroup.Of(result.LeftOut))
            {
                context.Progress.Warn($"{prefix}{result.Dataset}: {group.LeftOut(result.Images.Count + result.LeftOut.Count)}\n{group.Details}");
            }

            result.Findings().ToList().ForEach(finding => context.Progress.Warn($"{prefix}{result.Dataset}: {finding}"));
        }

        return results.FirstOrDefault(result => result.Scores.Pixels == 0) is EvaluationResult nothing ? throw nothing.NothingScored()
            : results.Any(result => result.LeftOut.Any(problem => !problem.Mismatch)) ? (int)Failure.BadInput
            : ExitCodes.Success;
    }
}
