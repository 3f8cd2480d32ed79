using Clouds.Cli.Console;
using Clouds.Training.Averaging;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model average`.</summary>
internal sealed class ModelAverageVerb : Verb<ModelAverageVerb.Options>
{
    public override string Name => "model average";

    public override string Summary => "one model of several, of a run's last checkpoints, or of its teacher";

    public override string Description =>
        "Writes a model whose parameters are the mean of others'. FILE is a model, or a checkpoint, or the folder of a run, which stands for the checkpoints "
        + "that it keeps (training.keepCheckpoints), of two stages for those of the second. Classes, sizes and the weights of a frozen encoder are those of "
        + "the model, or of the model beside the checkpoint.\n\n"
        + "With --teacher the teacher's parameters are taken in place of the student's: the moving average that self-training keeps. The paper reports the "
        + "student. A folder then stands for its newest checkpoint.\n\n"
        + "Means are taken in double precision; of one file they are the file's own bits. `clouds segment` and `evaluate` take the model as any other.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model average run --out average.safetensors", "The last checkpoints of a run."),
        new("clouds model average run --teacher --out teacher.safetensors", "The teacher of a run."),
        new("clouds model average a/model.safetensors b/model.safetensors --out both.safetensors", "Models that started from the same one."),
        new("clouds model average run/checkpoint-39000.safetensors run/checkpoint.safetensors --out two.safetensors", "Two checkpoints."),
    ];

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        IReadOnlyList<string> files = context.Progress.Track(progress => ModelAverage.Write(
            [.. options.Files], options.Out, options.Teacher, progress, context.Cancellation));
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(new { model = options.Out, teacher = options.Teacher, files }));
        }
        else
        {
            context.Out.WriteLine($"{options.Out}: {(options.Teacher ? "the teacher" : "the mean")} of {string.Join(", ", files)}");
        }

        return ExitCodes.Success;
    }

    /// <summary>What to average.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "FILE...", Required = true, HelpText = "Models, checkpoints, or folders of runs.")]
        public IEnumerable<string> Files { get; set; } = [];

        [Option('o', "out", MetaValue = "FILE", Required = true, HelpText = "The model to write; it replaces what stands there.")]
        public string Out { get; set; } = "";

        [Option("teacher", HelpText = "The teacher's parameters in place of the student's.")]
        public bool Teacher { get; set; }
    }
}
