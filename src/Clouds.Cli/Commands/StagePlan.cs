using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Engine;
using Clouds.Training.SelfTraining;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>Which stages `clouds train` is to carry out, and whether everything that they need is named.</summary>
internal static class StagePlan
{
    /// <summary>Beginnings of the keys that a run with self-training keeps besides those of stage 1.</summary>
    public static IReadOnlyList<string> Sections { get; } = ["stages", "selfTraining.", "refinement.", "sam.weights"];

    /// <summary>The stages, in order.</summary>
    /// <exception cref="CloudsException">Usage: a stage is named twice, or the first after the second.</exception>
    public static IReadOnlyList<int> Of(CloudsSettings settings)
    {
        IReadOnlyList<int> asked = settings.Stages;
        if (asked.Count == 0)
        {
            return settings.SelfTraining.Generated.Data.Length > 0 ? [StagedRun.Source, StagedRun.Self] : [StagedRun.Source];
        }

        return asked.Order().Distinct().SequenceEqual(asked) ? asked : throw new CloudsException(
            Failure.Usage, "the stages are not in their order", "stages", SettingConversion.Show(asked), "[1], [2] or [1, 2]", "correct the setting");
    }

    /// <summary>A run with self-training.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="data">Its source domain, absolute.</param>
    /// <exception cref="CloudsException">Usage: something is not named that it needs; BadInput: Segment Anything's weights are not there.</exception>
    public static StagedRun Run(CloudsSettings settings, string data)
    {
        IReadOnlyList<int> stages = Of(settings);
        string generated = settings.SelfTraining.Generated.Data;
        Require(generated.Length > 0, "there are no generated images for stage 2", "selfTraining.generated.data", "the data set of the generated images",
            "--generated SPEC, or stages=[1] to train stage 1 alone");
        Require(stages.Contains(StagedRun.Source) || settings.Training.From.Length > 0,
            "there is no model of stage 1 for stage 2 to start from", "training.from", "the model of stage 1",
            "--from RUN, the folder of a run that trained stage 1, or its model; or stages=[1,2] to train both");
        Require(!settings.SelfTraining.Refine || settings.Sam.Weights.Length > 0, "there are no weights of Segment Anything for the refinement of stage 2",
            "sam.weights", "a file, or a folder with the published ones",
            "--sam FILE (`clouds model get mobile_sam` downloads one), or selfTraining.refine=false to take the teacher's labels as they are");
        return new StagedRun
        {
            Stages = stages,
            Training = settings.Training,
            SelfTraining = settings.SelfTraining,
            Data = data,
            Generated = DatasetSource.Absolute(generated),
            Sam = settings.SelfTraining.Refine ? CarriedWeights.Lasting(SamFile.Find(settings.Sam.Weights, settings.Sam.Variant)) : "",
            Refinement = settings.Refinement,
            Threads = settings.Execution.Threads,
            Processors = Environment.ProcessorCount,
        };
    }

    /// <summary>The settings of an interrupted run.</summary>
    public static CloudsSettings Settings(StagedRun run) => new()
    {
        Stages = run.Stages,
        Training = run.Training,
        SelfTraining = run.SelfTraining,
        Refinement = run.Refinement,
        Sam = new() { Weights = run.Sam },
        Execution = new() { Threads = run.Threads },
    };

    /// <summary>The model that --from means: of a run with both stages the first one's, where the second alone is to be trained.</summary>
    public static string Model(string from, IReadOnlyList<int> stages)
    {
        string first = Path.Combine(from, $"stage-{StagedRun.Source}");
        return ModelPath.Resolve(!stages.Contains(StagedRun.Source) && File.Exists(new RunFolder(first).Model) ? first : from, []);
    }

    /// <summary>The folders of both stages that an earlier run has left.</summary>
    public static IEnumerable<RunFolder> Folders(string run) =>
        new[] { StagedRun.Source, StagedRun.Self }.Select(stage => Path.Combine(run, $"stage-{stage}"))
            .Where(Directory.Exists).Select(stage => new RunFolder(stage));

    private static void Require(bool condition, string what, string key, string expected, string next)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, what, key, "nothing", expected, next);
        }
    }
}
